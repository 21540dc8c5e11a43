"""What must hold of `metric_rollups`: each point is counted once, when its hour is long over."""

from collections import Counter
from collections.abc import Iterator

from support.simulation.model import Expected
from support.simulation.requests import NUMBER, series_of
from support.simulation.seen import Seen

from goldeneye.clock import HOUR_NS

Hours = Counter[tuple[int, int]]  # points by series and hour since the epoch
_PERIODS_S = (300, 3600)


def no_point_twice(seen: Seen, expected: Expected) -> Iterator[str]:
    """No hour counts more points than there ever were; its parts count as many as it does."""
    in_files = {number for (number,) in seen.in_files("metric_points", [NUMBER["metric_points"]])}
    most: Hours = Counter()
    for number, bounds in expected.bounds["metric_points"].items():
        if number in in_files or bounds.was_there or bounds.high:
            most[series_of(number), bounds.time_ns // HOUR_NS] += 1
    of_parts, of_hours = (_counted(seen, period_s) for period_s in _PERIODS_S)
    for (series, hour), count in of_hours.items():
        if count > most[series, hour]:
            yield f"metric_rollups: {count} points in hour {hour} of series {series}: too many"
        if of_parts[series, hour] != count:
            yield f"metric_rollups: the parts of hour {hour} of series {series} are not the whole"


def every_point_once(seen: Seen) -> Iterator[str]:
    """Of points that are there, all are counted."""
    least: Hours = Counter(
        (series, time_ns // HOUR_NS)
        for series, time_ns in seen.in_files("metric_points", ["series_id", "time"])
    )
    found = _counted(seen, _PERIODS_S[-1])
    for (series, hour), count in least.items():
        if found[series, hour] < count:
            yield f"metric_rollups: {count} points in hour {hour} of series {series}: too few"


def _counted(seen: Seen, wanted_s: int) -> Hours:
    found: Hours = Counter()
    counts = ["point_count", "stale_count", "duplicate_count"]
    for series, time_ns, period_s, *numbers in seen.in_files(
        "metric_rollups", ["series_id", "time", "period_s", *counts]
    ):
        if period_s == wanted_s:
            found[series, time_ns // HOUR_NS] += sum(numbers)
    return found
