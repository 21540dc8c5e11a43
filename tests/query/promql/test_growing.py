"""The source of simulations."""

import math

import pytest

from query.promql.growing import Conflict, GrowingSource
from query.promql.native.histogram import Histogram, ResetHint
from query.promql.samples import is_stale
from query.promql.tree import Matcher, MatchKind

X = (("__name__", "x"),)
EVERYTHING = [Matcher("__name__", MatchKind.REGEX, ".+")]


def test_what_is_to_come_is_not_seen() -> None:
    source = GrowingSource()
    source.add(X, [(0, 1.0), (10, 2.0), (20, 3.0)])
    source.until_ms = 10
    found = source.select([Matcher("__name__", MatchKind.EQUAL, "x")], -1, 100)
    assert (found.labels, found.floats.times.tolist()) == ([X], [0, 10])
    source.until_ms = 20
    assert source.select(EVERYTHING, 0, 100).floats.values.tolist() == [2.0, 3.0]


def test_series_lie_one_after_the_other() -> None:
    source = GrowingSource()
    y = (("__name__", "y"),)
    source.add(y, [(0, 3.0)])
    source.add(X, [(0, 1.0), (1, Histogram())])
    source.until_ms = 9
    found = source.select(EVERYTHING, -1, 9)
    assert found.labels == [X, y]
    assert found.floats.offsets.tolist() == [0, 1, 2]
    assert found.histograms is not None
    assert found.histograms.offsets.tolist() == [0, 1, 1]


def test_a_name_that_is_not_there() -> None:
    found = GrowingSource().select([Matcher("__name__", MatchKind.EQUAL, "x")], 0, 1)
    assert (found.labels, found.samples) == ([], 0)


def test_no_value_ends_a_series_but_never_another_value() -> None:
    source = GrowingSource()
    source.write(X, 0, 1.0)
    source.write(X, 0, None)
    source.write(X, 1, None)
    source.until_ms = 1
    values = source.select(EVERYTHING, -1, 9).floats.values
    assert is_stale(values).tolist() == [False, True]


@pytest.mark.parametrize("value", [1.0, math.nan, Histogram(count=1.0)])
def test_only_the_same_value_may_be_written_again(value: object) -> None:
    source = GrowingSource()
    source.write(X, 0, value)
    source.write(X, 0, value)
    with pytest.raises(Conflict):
        source.write(X, 0, 2.0)


def test_a_store_knows_itself_whether_a_histogram_went_on() -> None:
    source = GrowingSource()
    written = [
        Histogram(count=1.0, hint=ResetHint.NOT_RESET),
        Histogram(count=2.0),
        Histogram(count=1.0),
        Histogram(count=3.0, hint=ResetHint.RESET),
        Histogram(count=4.0, hint=ResetHint.GAUGE),
        Histogram(count=5.0),
    ]
    for time, value in enumerate(written):
        source.write(X, time, value)
    source.until_ms = 9
    found = source.select(EVERYTHING, -1, 9).histograms
    assert found is not None
    hints = [value.hint.value for value in found.values]
    assert hints == ["unknown", "not_reset", "unknown", "reset", "gauge", "unknown"]
