"""Everything on one page: how much comes, who is unwell, what is slow, what failed last."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.plain import records, rfc3339
from query.asking.reader import Reader
from query.asking.window import HOUR_NS, Window
from query.health import slow
from query.health.activity import Memory
from query.health.everyone import Verdict, verdicts
from query.health.rules import THRESHOLDS, WORST_FIRST
from query.health.stretches import last_minutes
from query.logs.severity import FIRST, UNSPECIFIED
from query.percentiles.asked import MINUTE_NS, Asked, Measured
from query.percentiles.measuring import measure
from query.percentiles.weighted import RELATIVE_ERROR
from query.reads import Reads, Statement
from query.services.services_file import Entries

# Of slow operations and of errors: what fits beside the rest.
_SHOWN: Final = 10
# Where errors are many, the newest ones are in these.
_LATEST_NS: Final = 2 * MINUTE_NS
_LEVELS: Final = tuple(FIRST)
_ERROR_COLUMNS: Final = (
    *("trace_id", "span_id", "service_name", "name", "kind", "start_time", "received_time"),
    *("duration_ns", "status_code", "status_message"),
)


def overview(reader: Reader, entries: Entries, remembered: Memory, limit: int) -> dict[str, Any]:
    """Totals of the last hour, judgements of the last minutes, at most `limit` services."""
    judged = last_minutes(reader.now_ns)
    hour = Window(judged.end_ns - MINUTE_NS - HOUR_NS, judged.end_ns)
    everyone = verdicts(reader, entries, remembered)
    levels, operations, failed = _read(reader, hour, judged)
    if failed.num_rows < _SHOWN:
        (failed,) = reader.read(Reads([_errors(hour)], *hour))
    return {
        **_totals(reader, hour),
        "logs": _by_level(levels),
        **_services(everyone, hour, limit),
        "slow_operations": slow.slowest(operations, _SHOWN),
        "newest_errors": records(failed),
        "judged_since": rfc3339(judged.start_ns),
        "thresholds": THRESHOLDS,
        "start": rfc3339(hour.start_ns),
        "end": rfc3339(hour.end_ns),
        "relative_error": RELATIVE_ERROR,
    }


def _read(reader: Reader, hour: Window, judged: Window) -> Sequence[pa.Table]:
    levels = Statement(
        sql("query.health", "levels"),
        {"logs": ("time", "severity_number")},
        {"from_ns": hour.start_ns, "before_ns": hour.end_ns},
    )
    latest = Window(judged.end_ns - _LATEST_NS, judged.end_ns)
    statements = [levels, slow.statement(judged), _errors(latest)]
    return reader.read(Reads(statements, *hour))


def _errors(window: Window) -> Statement:
    params = {"from_ns": window.start_ns, "count": _SHOWN}
    return Statement(sql("query.health", "newest_errors"), {"spans": _ERROR_COLUMNS}, params)


def _totals(reader: Reader, hour: Window) -> dict[str, Any]:
    asked = Asked(hour, (0.95,), ("service_name", "is_entry"), method="bucketed")
    measured = measure(reader, asked)
    requests = [group for (_, entry), group in measured.groups.items() if entry]
    adjusted = sum(group.adjusted_count for group in requests)
    failed = sum(group.adjusted_error_count for group in requests)
    return {
        "span_count": _spans(measured),
        "request_count": sum(group.span_count for group in requests),
        "error_count": sum(group.error_count for group in requests),
        "rate": adjusted * 1e9 / (reader.now_ns - hour.start_ns),
        "error_ratio": failed / adjusted if adjusted else None,
    }


def _spans(measured: Measured) -> int:
    return sum(group.span_count for group in measured.groups.values())


def _by_level(found: pa.Table) -> dict[str, Any]:
    counts: Counter[str] = Counter()
    for row in found.to_pylist():
        number = row["severity_number"] or 0
        place = min((number - 1) // 4, len(_LEVELS) - 1)
        counts[_LEVELS[place] if number > 0 else UNSPECIFIED] += row["record_count"]
    by_severity = {level: counts[level] for level in (*_LEVELS, UNSPECIFIED)}
    return {"record_count": counts.total(), "severities": by_severity}


def _services(everyone: Sequence[Verdict], hour: Window, limit: int) -> dict[str, Any]:
    states = Counter(one.state for one in everyone)
    return {
        "active_services": sum(one.last >= hour.start_ns // MINUTE_NS for one in everyone),
        "states": {state: states[state] for state in WORST_FIRST},
        "services": [one.entry() for one in everyone[:limit]],
    }
