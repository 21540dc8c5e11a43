"""Native histograms as JSON with `NaN` and `Infinity`, between a worker and the server."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from query.promql.native.histogram import Histogram, ResetHint

_SIDES = ("positive", "negative")


def told(histogram: Histogram) -> dict[str, Any]:
    """All members; buckets as pairs of index and count."""
    sides = {name: list(getattr(histogram, name).items()) for name in _SIDES}
    return {**asdict(histogram), **sides, "hint": histogram.hint.value}


def understood(told: Mapping[str, Any]) -> Histogram:
    """The inverse of `told`."""
    sides = {name: {int(index): count for index, count in told[name]} for name in _SIDES}
    bounds, hint = tuple(told["custom_bounds"]), ResetHint(told["hint"])
    return Histogram(**{**told, **sides, "custom_bounds": bounds, "hint": hint})
