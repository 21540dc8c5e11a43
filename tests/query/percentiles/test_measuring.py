"""Which way spans are counted: what is said, what may be, and what is no longer there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

from goldeneye import limits
from goldeneye.errors import QueryFailed
from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.asked import Asked, Measured, Method
from query.percentiles.measuring import measure
from query.percentiles.weighted import RELATIVE_ERROR

WINDOW = Window(START_NS - 10 * MINUTE_NS, START_NS)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    """Ten spans in a file, of 1 to 10 ms, one a minute."""
    with backend(tmp_path) as made:
        made.send(spans_request([span(START_NS - n * MINUTE_NS, n * MS) for n in range(1, 11)]))
        made.flush()
        yield made


def _measured(whole: Backend, method: Method | None = None) -> Measured:
    return measure(Reader(whole.service), Asked(WINDOW, (0.5,), method=method))


def test_few_spans_are_counted_exactly(whole: Backend) -> None:
    found = _measured(whole)
    assert (found.method, found.relative_error) == ("exact", 0.0)
    assert found.groups[()].quantiles == [5.5 * MS]


def test_many_are_counted_in_buckets(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_EXACT_SPANS", 9)
    found = _measured(whole)
    assert (found.method, found.relative_error) == ("bucketed", RELATIVE_ERROR)
    assert found.groups[()].span_count == 10
    assert _measured(whole, "exact").method == "exact"


def test_rollups_tell_of_spans_that_are_no_longer_there(whole: Backend) -> None:
    """As when retention has deleted the spans and kept the rollups."""
    (spans,) = Reader(whole.service).files("spans", *WINDOW)
    Path(spans.path).unlink()
    found = _measured(whole)
    assert found.method == "bucketed"
    assert found.groups[()].span_count == 10
    with pytest.raises(QueryFailed, match="no longer kept; ask with method=bucketed"):
        _measured(whole, "exact")


def test_spans_that_come_late_count_at_once(whole: Backend) -> None:
    whole.send(spans_request([span(START_NS - 5 * MINUTE_NS, 11 * MS)]))
    assert _measured(whole).groups[()].quantiles == [6 * MS]
    assert _measured(whole, "bucketed").groups[()].span_count == 11


def test_a_span_without_a_duration_counts_but_has_no_part_in_percentiles(whole: Backend) -> None:
    one = span(START_NS - MINUTE_NS)
    one.end_time_unix_nano = 0
    whole.send(spans_request([one]))
    for method in ("exact", "bucketed"):
        group = _measured(whole, method).groups[()]  # type: ignore[arg-type]
        assert (group.span_count, group.measured_count) == (11, 10)


def test_a_span_without_a_start_counts_when_it_was_received(whole: Backend) -> None:
    one = span(START_NS, 0)
    one.start_time_unix_nano = one.end_time_unix_nano = 0
    whole.send(spans_request([one]), received_ns=START_NS - 1)
    whole.flush()
    assert _measured(whole).groups[()].span_count == 11
    edge = Asked(Window(START_NS - 5, START_NS), (0.5,))
    assert measure(Reader(whole.service), edge).groups[()].span_count == 1
    before = Asked(Window(START_NS - 5, START_NS - 1), (0.5,))
    assert measure(Reader(whole.service), before).groups == {}
