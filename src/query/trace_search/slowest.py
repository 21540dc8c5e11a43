"""The slowest traces that have a matching span in a range of time.

Which come first is told by what each trace did from an hour before the range to an hour after it.
"""

from typing import Final

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import HOUR_NS, OpenWindow
from query.trace_search.summaries import Summary, summaries

# Before any time that OTLP has.
_MIN_NS: Final = 0
_MAX_NS: Final = 2**63 - 2
Place = tuple[int, str]  # of the last trace of the page before: duration_ns, trace_id
SLOWEST: Final[Place] = (_MAX_NS, "")


def slowest(
    reader: Reader, matching: Condition, within: OpenWindow, count: int, after: Place = SLOWEST
) -> tuple[list[Summary], Place | None]:
    """At most `count` traces after that place, and the place of the last where more may follow."""
    start_ns, end_ns = within
    statement = filled(sql("query.trace_search", "slowest"), {"matching": matching.sql})
    params = {
        "from_ns": _MIN_NS if start_ns is None else start_ns,
        "to_ns": _MAX_NS if end_ns is None else end_ns,
        "below_ns": after[0],
        "after_id": after[1],
        "count": count + 1,
    }
    rows = reader.table(
        statement,
        {**params, **matching.params},
        None if start_ns is None else max(start_ns - HOUR_NS, _MIN_NS),
        None if end_ns is None else min(end_ns + HOUR_NS, _MAX_NS),
    )
    ids, durations = rows["trace_id"].to_pylist(), rows["duration_ns"].to_pylist()
    last = (durations[count - 1], ids[count - 1]) if len(ids) > count else None
    found = summaries(reader, ids[:count])
    return sorted(found, key=lambda one: (-one.duration_ns, one.trace_id)), last
