"""What rollups of metric points are, slowly: step by step from a point to the next."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from support.points import Point, time_ns

Row = dict[str, Any]
Buckets = dict[int, int]
_SIDES = ("positive", "negative")


def lasting(points: Iterable[Point]) -> list[tuple[Point, int]]:
    """Of each instant the point that arrived last, and how many others there were, in order."""
    instants: dict[int, list[Point]] = defaultdict(list)
    for point in points:
        instants[time_ns(point)].append(point)
    return [
        (max(found, key=lambda point: point["received_time"]), len(found) - 1)
        for _, found in sorted(instants.items())
    ]


def rolled_up(points: Iterable[Point]) -> list[Row]:
    """The rows of one series over all of these points, as one period's."""
    found = lasting(points)
    valued = [point for point, _ in found if _has_value(point)]
    if not found:
        return []
    is_number = found[0][0]["type"] in ("gauge", "sum")
    runs = [valued] if is_number or not valued else _runs(valued)
    rows = [(_numbers if is_number else _histograms)(run) for run in runs]
    rows[0] = {
        **rows[0],
        "stale_count": len(found) - len(valued),
        "duplicate_count": sum(count for _, count in found),
    }
    return rows


def _has_value(point: Point) -> bool:
    return not point.get("flags", 0) & 1


def _numbers(run: Sequence[Point]) -> Row:
    values = [point["value"] for point in run]
    row: Row = {"point_count": len(values)}
    if not values:
        return row
    increase, resets = 0.0, 0
    for before, after in itertools.pairwise(values):
        step, is_reset = number_step(before, after)
        increase, resets = increase + step, resets + is_reset
    if run[0].get("temporality") == "delta":
        increase, resets = sum(values), 0
    return row | {
        "sum": sum(values),
        "min": min(values),
        "max": max(values),
        "first": values[0],
        "last": values[-1],
        "first_time": time_ns(run[0]),
        "last_time": time_ns(run[-1]),
        "increase": increase,
        "resets": resets,
    }


def number_step(before: float, after: float) -> tuple[float, bool]:
    return (after, True) if after < before else (after - before, False)


def _runs(points: Sequence[Point]) -> list[list[Point]]:
    runs = [[points[0]]]
    for point in points[1:]:
        if layout(point) == layout(runs[-1][-1]):
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def layout(point: Mapping[str, Any]) -> Any:
    """What must be equal for buckets to be comparable."""
    bounds = point.get("explicit_bounds")
    return None if bounds is None else tuple(bounds), point.get("zero_threshold")


def _histograms(run: Sequence[Point]) -> Row:
    if not run:
        return {"point_count": 0}
    scale = min((p["scale"] for p in run if p.get("scale") is not None), default=None)
    total, resets = Counter[Any](), 0
    if run[0].get("temporality") == "delta":
        for point in run:
            total.update(contents(point, scale))
    else:
        for before, after in itertools.pairwise(run):
            step, is_reset = histogram_step(before, after, scale)
            total.update(step)
            resets += is_reset
    return {
        "point_count": len(run),
        "min": min((p["min"] for p in run if p.get("min") is not None), default=None),
        "max": max((p["max"] for p in run if p.get("max") is not None), default=None),
        "first_time": time_ns(run[0]),
        "last_time": time_ns(run[-1]),
        "resets": resets,
        "layout": layout(run[0]),
        "scale": scale,
        "increases": {key: number for key, number in total.items() if number},
    }


def histogram_step(
    before: Mapping[str, Any], after: Mapping[str, Any], scale: int | None
) -> tuple[Counter[Any], bool]:
    """What came between two points of one layout, at the scale; whether there was a reset."""
    scales = [point["scale"] for point in (before, after) if point.get("scale") is not None]
    coarser = min(scales, default=None)
    was, now = contents(before, coarser), contents(after, coarser)
    is_reset = any(now[key] < number for key, number in was.items() if key != "sum")
    step = Counter(contents(after, scale))
    if not is_reset:
        step.subtract(contents(before, scale))
    return step, is_reset


def contents(point: Mapping[str, Any], scale: int | None) -> Counter[Any]:
    """Count, sum and buckets of a point, the exponential ones by index at this scale."""
    found: Counter[Any] = Counter({"count": point["count"], "sum": point["sum"]})
    for place, number in enumerate(point.get("bucket_counts") or []):
        found["explicit", place] += number
    if point.get("scale") is not None:
        assert scale is not None
        found["zero"] = point["zero_count"]
        for side in _SIDES:
            offset = point[f"{side}_offset"]
            for place, number in enumerate(point[f"{side}_bucket_counts"]):
                index = math.floor((offset + place) / 2 ** (point["scale"] - scale))
                found[side, index] += number
    return found


def combined(rows: Sequence[Row]) -> list[Row]:
    """Rows of `metric_rollups` of one series over a longer time, by the rule of docs/format.md."""
    stale = sum(row["stale_count"] for row in rows)
    duplicates = sum(row["duplicate_count"] for row in rows)
    valued = sorted((row for row in rows if row["point_count"]), key=lambda row: row["first_time"])
    whole: list[Row] = []
    for row in valued:
        if whole and _layout(row) == _layout(whole[-1]):
            whole[-1] = _joined(whole[-1], row)
        else:
            whole.append(row)
    found = [comparable(row) for row in whole] or [{"point_count": 0}]
    found[0] |= {"stale_count": stale, "duplicate_count": duplicates}
    return found


def _layout(row: Row) -> Any:
    return layout(row) if row["type"] not in ("gauge", "sum") else None


def _joined(one: Row, next_: Row) -> Row:
    lasting_ = {name: next_[name] for name in ("last_time", "last", "last_histogram")}
    added = {"point_count": one["point_count"] + next_["point_count"]}
    for name, choose in (("min", min), ("max", max)):
        added[name] = choose(
            (row[name] for row in (one, next_) if row[name] is not None), default=None
        )
    is_delta = one["temporality"] == "delta"
    if one["type"] in ("gauge", "sum"):
        step, is_reset = (0, False) if is_delta else number_step(one["last"], next_["first"])
        added["sum"] = one["sum"] + next_["sum"]
        added["increase"] = one["increase"] + next_["increase"] + step
    else:
        scale = min(
            (row["scale"] for row in (one, next_) if row["scale"] is not None), default=None
        )
        total = contents(one, scale)
        total.update(contents(next_, scale))
        is_reset = False
        if not is_delta:
            before, after = one["last_histogram"], next_["first_histogram"]
            histogram, is_reset = histogram_step(before, after, scale)
            total.update(histogram)
        added |= _as_row(total, scale)
    added["resets"] = (one["resets"] or 0) + (next_["resets"] or 0) + is_reset
    return {**one, **lasting_, **added}


def _as_row(total: Counter[Any], scale: int | None) -> Row:
    """Columns that hold the increases."""
    row: Row = {"count": total["count"], "sum": total["sum"], "scale": scale}
    explicit = [key[1] for key in total if isinstance(key, tuple) and key[0] == "explicit"]
    row["bucket_counts"] = [total["explicit", at] for at in range(max(explicit, default=-1) + 1)]
    row["zero_count"] = total["zero"]
    for side in _SIDES:
        places = [key[1] for key in total if isinstance(key, tuple) and key[0] == side]
        low = min(places, default=0)
        row[f"{side}_offset"] = low
        row[f"{side}_bucket_counts"] = [
            total[side, at] for at in range(low, max(places, default=low - 1) + 1)
        ]
    return row


def comparable(row: Row) -> Row:
    """A row of `metric_rollups` in the words of `rolled_up`."""
    names = ["point_count", "min", "max", "first_time", "last_time"]
    found: Row = {name: row[name] for name in names}
    found["resets"] = row["resets"] or 0
    if row["type"] in ("gauge", "sum"):
        return found | {name: row[name] for name in ("sum", "first", "last", "increase")}
    increases = contents(row, row["scale"])
    return found | {
        "layout": layout(row),
        "scale": row["scale"],
        "increases": {key: number for key, number in increases.items() if number},
    }
