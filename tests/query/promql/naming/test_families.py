"""The series of a metric."""

import math

import pytest

from query.promql.naming.families import Part, bound_text, series_names
from query.promql.naming.metric_kind import Kind
from query.promql.naming.strategy import Strategy

DEFAULT = Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("gauge", {"a_b_seconds": Part.VALUE}),
        ("counter", {"a_b_seconds_total": Part.VALUE}),
        (
            "histogram",
            {
                "a_b_seconds_bucket": Part.BUCKET,
                "a_b_seconds_sum": Part.SUM,
                "a_b_seconds_count": Part.COUNT,
            },
        ),
        (
            "summary",
            {
                "a_b_seconds": Part.QUANTILE,
                "a_b_seconds_sum": Part.SUM,
                "a_b_seconds_count": Part.COUNT,
            },
        ),
        ("exponential_histogram", {"a_b_seconds": Part.HISTOGRAM}),
        ("custom_histogram", {"a_b_seconds": Part.HISTOGRAM}),
        ("exemplars", {"a_b_seconds": Part.EXEMPLARS}),
    ],
)
def test_series_of_each_kind(kind: Kind, expected: dict[str, Part]) -> None:
    assert series_names("a.b", "s", kind, DEFAULT) == expected


def test_what_has_no_name_has_no_series() -> None:
    assert series_names("@#$", "", "histogram", DEFAULT) == {}


@pytest.mark.parametrize(
    ("bound", "expected"),
    [(0.5, "0.5"), (5.0, "5"), (1e-7, "0.0000001"), (math.inf, "+Inf"), (-1.0, "-1")],
)
def test_bounds(bound: float, expected: str) -> None:
    assert bound_text(bound) == expected
