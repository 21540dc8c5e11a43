"""The health of one service: now, over its last day, and by which rules."""

from typing import Any, Final

from goldeneye.sql_files import sql
from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.health.history import Minutely, history, hours
from query.health.rules import THRESHOLDS, past_of, reasons, state_of
from query.health.silence import expected, said
from query.health.stretches import COLUMNS, DAY_NS, figures, last_minutes, pasts, statement
from query.percentiles.asked import MINUTE_NS
from query.percentiles.weighted import RELATIVE_ERROR
from query.reads import Reads, Statement
from query.services.known import require_known
from query.services.red import ENTRY
from query.services.services_file import Entries

_SEEN: Final = ("minute", "service_name")


def health(reader: Reader, service: str, entries: Entries) -> dict[str, Any]:
    """Raises NotFound where the service was never seen."""
    first, last = _seen(reader, service)
    now_ns, entry = reader.now_ns, entries.get(service)
    window = last_minutes(now_ns)
    windows = _windows(window, now_ns)
    longest = max(DAY_NS, int((said(entry) or 0) * MINUTE_NS))
    start_ns = max(hours(now_ns)[0].start_ns - longest, 0)
    reads = Reads([_minutes(service), statement(service, windows)], start_ns, window.end_ns)
    by_minute, by_window = reader.read(reads)
    minutely, judged = Minutely.of(by_minute, first), figures(by_window, windows)
    silence = expected(entry, minutely.active, now_ns)
    now, past = judged[window], past_of(*(judged[one] for one in pasts(window)))
    silent = silence.broken(last, now_ns)
    broken = reasons(now, past) if silent is None else [silent]
    return {
        "service_name": service,
        "state": state_of(broken),
        "reasons": [one.entry() for one in broken],
        **now.entry(),
        "first_seen": rfc3339(first * MINUTE_NS),
        "last_seen": rfc3339(last * MINUTE_NS),
        "silence": silence.entry(),
        **history(minutely, silence, judged, now_ns),
        "thresholds": THRESHOLDS,
        "start": rfc3339(window.start_ns),
        "end": rfc3339(window.end_ns),
        "relative_error": RELATIVE_ERROR,
    }


def _windows(window: Window, now_ns: int) -> list[Window]:
    """The last minutes and the hours, and what each is compared with."""
    asked = [window, *hours(now_ns)]
    return list(dict.fromkeys([*asked, *(past for one in asked for past in pasts(one))]))


def _seen(reader: Reader, service: str) -> tuple[int, int]:
    asked = Statement(sql("query.health", "seen"), {"span_rollups": _SEEN}, {"service": service})
    (found,) = reader.read(Reads([asked]))
    (row,) = found.to_pylist()
    if row["first_minute"] is None:
        require_known(reader, service)
    return row["first_minute"], row["last_minute"]


def _minutes(service: str) -> Statement:
    text = filled(sql("query.health", "minutes"), {"is_entry": ENTRY})
    return Statement(text, {"span_rollups": COLUMNS}, {"service": service})
