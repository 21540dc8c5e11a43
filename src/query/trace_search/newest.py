"""The newest traces that have a matching span: ever more of the past is looked at.

A trace counts as found for good once everything that began after it has been looked at. The query
sees a start by the parts of the ten minutes before; each trace that is answered is then looked up
whole, and takes its place by its true start.
"""

from collections.abc import Iterator
from typing import Final

from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.row_windows import windows
from query.asking.statements import filled
from query.asking.window import OpenWindow
from query.trace_search.summaries import Summary, summaries

_PARTS_BEFORE_NS: Final = 600 * 1_000_000_000
# Before any time that OTLP has.
_MIN_NS: Final = 0
_MAX_NS: Final = 2**63 - 2
# A look is at so many times the spans of the one before: where that had too few traces even so, the
# one between is left out.
_WIDER: Final = 9
Place = tuple[int, str]  # of the last trace of the page before: start_ns, trace_id
NEWEST: Final[Place] = (_MAX_NS, "")


def newest(
    reader: Reader, matching: Condition, within: OpenWindow, count: int, after: Place = NEWEST
) -> list[Summary]:
    """At most `count` traces after that place, newest first; those of one start by their ids."""
    found: list[Summary] = []
    is_rare = False
    for from_ns, begun_ns in _looks(reader, within, after):
        if is_rare and begun_ns != _MIN_NS:
            continue
        limit = 2 * count + 50
        while True:
            seen = _seen(reader, matching, within, from_ns, after, limit)
            waiting = [place for place in seen if place[0] >= begun_ns]
            if len(waiting) >= count or begun_ns == _MIN_NS:
                found = _confirmed(reader, waiting, begun_ns, count)
            if len(found) == count or len(seen) < limit:
                break
            limit *= 4
        if len(found) == count:
            break
        is_rare = len(seen) * _WIDER < count
    return found


def _looks(reader: Reader, within: OpenWindow, after: Place) -> Iterator[tuple[int, int]]:
    """The first instants of ever wider looks, and since when all traces are then known.

    The last look has the range's own, and a trace may have begun before it.
    """
    end_ns = after[0] if within.end_ns is None else min(after[0], within.end_ns)
    left = OpenWindow(within.start_ns, end_ns)
    for one in windows(reader.rows_of_times("spans", *left), left, newest_first=True)[:-1]:
        if one.start_ns is not None:
            yield one.start_ns, one.start_ns
    yield (_MIN_NS if within.start_ns is None else within.start_ns), _MIN_NS


def _seen(
    reader: Reader,
    matching: Condition,
    within: OpenWindow,
    from_ns: int,
    after: Place,
    limit: int,
) -> list[Place]:
    statement = filled(sql("query.trace_search", "newest"), {"matching": matching.sql})
    params = {"from_ns": from_ns, "before_ns": after[0], "after_id": after[1], "count": limit}
    start_ns = None if from_ns == _MIN_NS else max(from_ns - _PARTS_BEFORE_NS, _MIN_NS)
    rows = reader.table(statement, {**params, **matching.params}, start_ns, within.end_ns)
    return list(zip(rows["start_ns"].to_pylist(), rows["trace_id"].to_pylist(), strict=True))


def _confirmed(reader: Reader, waiting: list[Place], begun_ns: int, count: int) -> list[Summary]:
    """The first of those that begin at `begun_ns` or later, by their true starts."""
    known: list[Summary] = []
    while waiting:
        some, waiting = waiting[:count], waiting[count:]
        known += summaries(reader, [trace_id for _, trace_id in some])
        known = sorted((one for one in known if one.start_ns >= begun_ns), key=_place)
        next_place = (-waiting[0][0], waiting[0][1]) if waiting else None
        # What was not looked up yet begins at most where the query said.
        sure = [one for one in known if next_place is None or _place(one) < next_place]
        if len(sure) >= count:
            return sure[:count]
    return known[:count]


def _place(one: Summary) -> Place:
    return -one.start_ns, one.trace_id
