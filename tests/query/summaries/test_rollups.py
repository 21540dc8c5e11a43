"""Counts from what is remembered of files: equal to those that SQL finds in the same rows."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, span

from goldeneye import limits
from query.asking.filter_sql import Condition
from query.asking.reader import Reader
from query.asking.window import HOUR_NS, Window
from query.percentiles.asked import ANYTHING, BY_SERVICE, Asked, Group
from query.percentiles.measuring import measure
from query.summaries import rollups
from query.summaries.counts import Counts
from query.summaries.pieces import Counting

KINDS = ("server", "client", "consumer", "internal")
STATES = ("", "", "ot=th:8", "ot=th:c")
# The same as ANYTHING, but for its words: it is not answered from memory.
BY_SQL = Condition("TRUE OR FALSE", {})
SPAN_NS = 5 * HOUR_NS
ALL = Window(START_NS - MINUTE_NS, START_NS + SPAN_NS + MINUTE_NS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Three files and memory, each with spans of five hours: three cut by the range, or none."""
    rng = random.Random(7)
    with backend(tmp_path_factory.mktemp("data")) as made:
        for part in range(4):
            for service in ("shop", "till", ""):
                spans = [_span(rng) for _ in range(60)]
                made.send(spans_request(spans, service))
            if part < 3:
                made.flush()
        yield made


def _span(rng: random.Random) -> Any:
    return span(
        START_NS + rng.randrange(SPAN_NS),
        int(rng.lognormvariate(12, 4)),
        kind=rng.choice(KINDS),
        error=rng.random() < 0.2,
        root=rng.random() < 0.3,
        trace_state=rng.choice(STATES),
    )


def _asked(
    whole: Backend, window: Window, condition: Condition, keys: tuple[str, ...] = BY_SERVICE
) -> dict[tuple[Any, ...], Group]:
    asked = Asked(window, (0.0, 0.5, 0.95, 1.0), keys, condition, method="bucketed")
    return measure(Reader(whole.service), asked).groups


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.integers(-HOUR_NS, SPAN_NS),
    st.one_of(
        st.integers(1, SPAN_NS + HOUR_NS),
        st.integers(1, 5).map(lambda hours: hours * HOUR_NS),
    ),
    st.booleans(),
    st.sampled_from([BY_SERVICE, ("service_name",)]),
)
def test_any_range_equals_what_sql_counts(
    whole: Backend,
    monkeypatch: pytest.MonkeyPatch,
    offset_ns: int,
    length_ns: int,
    at_an_hour: bool,
    keys: tuple[str, ...],
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    start_ns = START_NS + offset_ns
    start_ns -= start_ns % HOUR_NS if at_an_hour else 0
    window = Window(start_ns, start_ns + length_ns)
    remembered, counted = (_asked(whole, window, one, keys) for one in (ANYTHING, BY_SQL))
    assert remembered.keys() == counted.keys()
    for key, group in remembered.items():
        expected = counted[key]
        assert group.quantiles == pytest.approx(expected.quantiles)
        group.quantiles = expected.quantiles
        group.adjusted_count = pytest.approx(group.adjusted_count)
        group.adjusted_error_count = pytest.approx(group.adjusted_error_count)
        assert expected == group


def _counts(reader: Reader, window: Window) -> list[Counts]:
    return rollups.rollup_counts(reader, reader.memory.rollups, window, window).parts


def test_a_file_is_read_once(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    _counts(Reader(whole.service), ALL)
    again = Reader(whole.service)
    parts = _counts(again, ALL)
    assert again.files_read == 0
    assert sum(int(part.spans.sum()) for part in parts) == 720


def test_files_that_are_gone_are_looked_for_again(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a merge came in between: the first list names a file that there is not."""
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    calls = _with_a_file_that_is_gone(monkeypatch, times=1)
    parts = _counts(Reader(whole.service), ALL)
    assert len(calls) == 2
    assert sum(int(part.spans.sum()) for part in parts) == 720


def test_what_goes_on_changing_is_counted_by_sql(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)
    _with_a_file_that_is_gone(monkeypatch, times=10)
    reader = Reader(whole.service)
    gone = [reader.files("span_rollups", *ALL)[0]._replace(id="gone")]
    monkeypatch.setattr(reader, "files", lambda *_: gone)
    (only,) = _counts(reader, ALL)
    assert int(only.spans.sum()) == 720


def _with_a_file_that_is_gone(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Counting]:
    real, calls = Counting.counts, list[Counting]()

    def counts(self: Counting) -> Counts:
        calls.append(self)
        found = real(self)
        if len(calls) <= times:
            self.large = [self.large[0]._replace(id="gone")]
        return found

    monkeypatch.setattr(Counting, "counts", counts)
    return calls


def test_of_thousands_of_services(tmp_path: Path) -> None:
    """More than are laid out at once."""
    with backend(tmp_path) as made:
        request = ExportTraceServiceRequest()
        for n in range(1100):
            request.MergeFrom(spans_request([span(START_NS + n, (n + 1) * 1000)], f"s{n}"))
        made.send(request)
        window = Window(START_NS, START_NS + MINUTE_NS)
        found = _asked(made, window, ANYTHING)
    assert len(found) == 1100
    assert {group.span_count for group in found.values()} == {1}
    assert found["s1099", True].quantiles[1] == pytest.approx(1_100_000, rel=0.01084)


def test_more_services_than_are_numbered_are_counted_by_sql(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_NAMES", 2)
    whole.service.memory.forget_rollups()
    assert len(_asked(whole, ALL, ANYTHING)) == 6
