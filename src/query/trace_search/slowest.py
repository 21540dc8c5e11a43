"""The slowest traces that have a matching span in a range of time.

Which come first is told by what each trace did from an hour before the range to an hour after it.
"""

from typing import Any, Final

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import HOUR_NS, OpenWindow
from query.trace_search.summaries import Summary, summaries
from query.trace_search.wanted import Wanted

# Before any time that OTLP has.
_MIN_NS: Final = 0
_MAX_NS: Final = 2**63 - 2
Place = tuple[int, str]  # of the last trace of the page before: duration_ns, trace_id
SLOWEST: Final[Place] = (_MAX_NS, "")


def slowest(
    reader: Reader, wanted: Wanted, within: OpenWindow, count: int, after: Place = SLOWEST
) -> tuple[list[Summary], Place | None]:
    """At most `count` traces after that place, and the place of the last where more may follow."""
    if wanted.of_parts is not None and within.end_ns is None:
        places = _by_parts(reader, wanted.matching, wanted.of_parts, within, count + 1, after)
    else:
        places = _by_spans(reader, wanted.matching, within, count + 1, after)
    found = summaries(reader, [trace_id for _, trace_id in places[:count]])
    last = places[count - 1] if len(places) > count else None
    return sorted(found, key=lambda one: (-one.duration_ns, one.trace_id)), last


def _by_spans(
    reader: Reader, matching: Condition, within: OpenWindow, count: int, after: Place
) -> list[Place]:
    end_ns = within.end_ns
    params = {**_bounds(within, count, after), "to_ns": _MAX_NS if end_ns is None else end_ns}
    rows = _rows(reader, "slowest", matching, within, params)
    return [(row["duration_ns"], row["trace_id"]) for row in rows]


def _by_parts(
    reader: Reader,
    matching: Condition,
    of_parts: Condition,
    within: OpenWindow,
    count: int,
    after: Place,
) -> list[Place]:
    """Spans are read of traces that began before the range only: there are few."""
    limit = count
    while True:
        params = _bounds(within, limit, after)
        rows = _rows(reader, "slowest_by_parts", of_parts, within, params)
        unsure = [row["trace_id"] for row in rows if not row["is_sure"]]
        there = _matching(reader, matching, within, unsure) if unsure else set()
        places = [
            (row["duration_ns"], row["trace_id"])
            for row in rows
            if row["is_sure"] or row["trace_id"] in there
        ]
        if len(places) >= count or len(rows) < limit:
            return places[:count]
        limit *= 4


def _bounds(within: OpenWindow, count: int, after: Place) -> dict[str, Any]:
    from_ns = _MIN_NS if within.start_ns is None else within.start_ns
    return {"from_ns": from_ns, "below_ns": after[0], "after_id": after[1], "count": count}


def _rows(
    reader: Reader, name: str, condition: Condition, within: OpenWindow, params: dict[str, Any]
) -> list[dict[str, Any]]:
    start_ns, end_ns = within
    rows = reader.table(
        filled(sql("query.trace_search", name), {"matching": condition.sql}),
        {**params, **condition.params},
        None if start_ns is None else max(start_ns - HOUR_NS, _MIN_NS),
        None if end_ns is None else min(end_ns + HOUR_NS, _MAX_NS),
    )
    found: list[dict[str, Any]] = rows.to_pylist()
    return found


def _matching(
    reader: Reader, matching: Condition, within: OpenWindow, trace_ids: list[str]
) -> set[str]:
    params = {"trace_ids": trace_ids, "from_ns": within.start_ns}
    statement = filled(sql("query.trace_search", "matching"), {"matching": matching.sql})
    rows = reader.table(statement, {**params, **matching.params}, *within)
    return set(rows["trace_id"].to_pylist())
