"""Everything on one page: how much comes, who is unwell, what is slow, what failed last."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from query.asking.plain import rfc3339
from query.asking.reader import Reader
from query.asking.side_by_side import side_by_side
from query.asking.window import HOUR_NS, Window
from query.health import slow
from query.health.activity import Memory
from query.health.everyone import Verdict, verdicts
from query.health.levels import by_level
from query.health.newest_errors import newest_errors
from query.health.rules import THRESHOLDS, WORST_FIRST
from query.health.stretches import last_minutes
from query.percentiles.asked import MINUTE_NS, Asked, Measured
from query.percentiles.measuring import measure
from query.percentiles.weighted import RELATIVE_ERROR
from query.reads import Reads
from query.services.services_file import Entries

# Of slow operations: what fits beside the rest.
_SHOWN: Final = 10


def overview(reader: Reader, entries: Entries, remembered: Memory, limit: int) -> dict[str, Any]:
    """Totals of the last hour, judgements of the last minutes, at most `limit` services."""
    judged = last_minutes(reader.now_ns)
    hour = Window(judged.end_ns - MINUTE_NS - HOUR_NS, judged.end_ns)
    everyone, slowest, rest = side_by_side(
        reader,
        lambda one: verdicts(one, entries, remembered),
        lambda one: _slowest(one, judged),
        lambda one: _rest(one, hour),
    )
    return {
        **rest,
        **_services(everyone, hour, limit),
        "slow_operations": slowest,
        "judged_since": rfc3339(judged.start_ns),
        "thresholds": THRESHOLDS,
        "start": rfc3339(hour.start_ns),
        "end": rfc3339(hour.end_ns),
        "relative_error": RELATIVE_ERROR,
    }


def _slowest(reader: Reader, judged: Window) -> list[dict[str, Any]]:
    [operations] = reader.read(Reads([slow.statement(judged)], *judged))
    return slow.slowest(operations, _SHOWN)


def _rest(reader: Reader, hour: Window) -> dict[str, Any]:
    return {
        **_totals(reader, hour),
        "logs": by_level(reader, reader.memory.few, hour),
        "newest_errors": newest_errors(reader, reader.memory.few, hour),
    }


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


def _services(everyone: Sequence[Verdict], hour: Window, limit: int) -> dict[str, Any]:
    states = Counter(one.state for one in everyone)
    return {
        "active_services": sum(one.last >= hour.start_ns // MINUTE_NS for one in everyone),
        "states": {state: states[state] for state in WORST_FIRST},
        "services": [one.entry() for one in everyone[:limit]],
    }
