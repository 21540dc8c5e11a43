"""What must hold of a snapshot: one function a table."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from support.simulation.derived import rollups_of_spans, traces_of_spans
from support.simulation.model import Expected
from support.simulation.requests import NUMBER
from support.simulation.rollups import no_point_twice
from support.simulation.seen import Seen

from goldeneye.clock import DAY_NS


def rows_once(table: str, seen: Seen, expected: Expected) -> Iterator[str]:
    """Every row that must be there is, and none twice."""
    counts = Counter(number for (number,) in seen.everywhere(table, [NUMBER[table]]))
    bounds = expected.bounds[table]
    for number, (low, high, *_) in bounds.items():
        if not low <= counts[number] <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            yield f"{table}: row {number} is there {counts[number]} times instead of {wanted}"
    for number in counts.keys() - bounds.keys():
        yield f"{table}: row {number} was never sent"
    for of_table, numbers in expected.whole:
        there = [number for number in numbers if counts[number]]
        if of_table == table and there and there != numbers:
            yield f"{table}: of the request with rows {numbers} only {there} are there"


def series_of_points(seen: Seen, expected: Expected) -> Iterator[str]:
    """Every point has its series, and files say each series once a day."""
    columns = ["series_id", "day"]
    in_files = Counter(seen.in_files("metric_series", columns))
    for (series_id, day), count in in_files.items():
        if count > 1:
            yield f"metric_series: series {series_id} of day {day} is in files {count} times"
    known = {*in_files, *seen.hot("metric_series", columns)}
    for series_id, time_ns, number in seen.everywhere(
        "metric_points", ["series_id", "time", "value_int"]
    ):
        if (series_id, time_ns // DAY_NS) not in known:
            yield f"metric_series: point {number} lacks its series {series_id}"


Check = Callable[[Seen, Expected], Iterator[str]]
CHECKS: Mapping[str, Check] = {
    **{table: partial(rows_once, table) for table in NUMBER},
    "metric_series": series_of_points,
    "span_rollups": rollups_of_spans,
    "trace_parts": traces_of_spans,
    "metric_rollups": no_point_twice,
}


def problems_of(seen: Seen, expected: Expected) -> list[str]:
    return [problem for check in CHECKS.values() for problem in check(seen, expected)]
