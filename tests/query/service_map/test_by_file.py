"""Edges from what is remembered of files: equal to those of one join over all spans."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import log2
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from support.backend import Backend, backend, spans_request
from support.called_spans import MS, span
from support.random_calls import MIDDLE_NS, Made, random_calls

from goldeneye import limits
from goldeneye.errors import QueryLate
from query.asking.reader import Reader
from query.asking.window import Window
from query.service_map.by_join import edges_by_join
from query.service_map.edges import edges

PARTS = 5
REACH_NS = 300_000 * MS


@pytest.fixture(autouse=True)
def _every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small."""
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Four files and memory, one after the other in time, more or less; some spans came twice."""
    rng = random.Random(3)
    with backend(tmp_path_factory.mktemp("data")) as made:
        parts: list[list[Made]] = [[] for _ in range(PARTS)]
        for one in [one for _ in range(3) for one in _renamed(random_calls(rng), rng)]:
            place = (one.at_ns - MIDDLE_NS + 600_000 * MS) * PARTS // (1_200_000 * MS)
            parts[min(PARTS - 1, max(0, place + rng.choice((0, 0, 0, 0, 1, -1))))].append(one)
            if rng.random() < 0.1:
                again = replace(one, at_ns=one.at_ns + rng.choice((0, 0, 400_000 * MS)))
                parts[rng.randrange(PARTS)].append(again)
        for number, part in enumerate(parts):
            _send(made, part)
            if number < PARTS - 1:
                made.flush()
        yield made


def _renamed(spans: list[Made], rng: random.Random) -> list[Made]:
    """In traces of their own."""
    own = str(rng.random())
    return [
        replace(
            one, trace=own + one.trace, links=[(own + trace, name) for trace, name in one.links]
        )
        for one in spans
    ]


def _send(made: Backend, spans: list[Made]) -> None:
    request = ExportTraceServiceRequest()
    for one in spans:
        request.MergeFrom(spans_request([one.message()], one.service))
    made.send(request)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.integers(-1_000, 700),
    st.integers(1, 1_500),
    st.sampled_from([0, 1, -1]),
    st.sampled_from([None, "a", "far", "mysql", "nobody"]),
    st.sampled_from([10_000, 10_000, 300, 100, 2]),
)
def test_any_range_equals_one_join(
    whole: Backend, offset_s: int, length_s: int, more_ns: int, service: str | None, most: int
) -> None:
    """Of all spans, or of as few traces as there may be."""
    start_ns = MIDDLE_NS + offset_s * 1000 * MS
    window = Window(start_ns, start_ns + length_s * 1000 * MS + more_ns)
    reader = Reader(whole.service)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MAX_MAP_SPANS", most)
        found, trace_share = edges(reader, window, service)
    step = round(-log2(trace_share) / 2)
    assert found == edges_by_join(reader, window, service, step)
    assert step == 0 or most < 10_000


def test_large_files_are_read_once(whole: Backend) -> None:
    window = Window(MIDDLE_NS - 100_000 * MS, MIDDLE_NS + 100_000 * MS)
    found = edges(Reader(whole.service), window, None)
    again = Reader(whole.service)
    assert edges(again, window, None) == found
    assert again.files_read == 0
    assert found


def test_of_several_at_once_one_reads(whole: Backend) -> None:
    whole.service.memory.forget_calls()
    window = Window(MIDDLE_NS - 600_000 * MS, MIDDLE_NS + 700_000 * MS)
    readers = [Reader(whole.service) for _ in range(6)]
    with ThreadPoolExecutor(len(readers)) as pool:
        found = list(pool.map(lambda reader: edges(reader, window, None), readers))
    assert found == [(edges_by_join(Reader(whole.service), window, None), 1.0)] * len(readers)
    files = len(readers[0].files("spans", None, None))
    # Some were read once more, for the keys that are in several.
    assert files <= sum(reader.files_read for reader in readers) <= 3 * files


def test_a_map_that_is_late_is_a_problem(whole: Backend) -> None:
    whole.service.memory.forget_calls()
    reader = Reader(whole.service)
    reader.timeout_s = 0.0
    with pytest.raises(QueryLate, match="once more"):
        edges(reader, Window(MIDDLE_NS - 600_000 * MS, MIDDLE_NS), None)


def test_files_that_are_gone_are_looked_for_again(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a merge came in between: the first list names a file that there is not."""
    window = Window(MIDDLE_NS - 600_000 * MS, MIDDLE_NS + 700_000 * MS)
    reader = Reader(whole.service)
    real, calls = reader.files, []

    def files(table: str, start_ns: int | None, end_ns: int | None) -> Any:
        calls.append(table)
        found = list(real(table, start_ns, end_ns))
        return [*found, found[0]._replace(id="gone")] if len(calls) == 1 else found

    monkeypatch.setattr(reader, "files", files)
    assert edges(reader, window, None).found == edges_by_join(reader, window, None)
    assert len(calls) == 2


def test_more_names_than_are_numbered_are_counted_by_one_join(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_NAMES", 2)
    whole.service.memory.forget_calls()
    window = Window(MIDDLE_NS - 600_000 * MS, MIDDLE_NS + 700_000 * MS)
    reader = Reader(whole.service)
    assert edges(reader, window, None).found == edges_by_join(reader, window, None)


def test_sampled_otherwise_than_by_halves(tmp_path: Path) -> None:
    """Sums of such counts depend on their order, in the last digit."""
    with backend(tmp_path) as made:
        for number in range(12):
            at, state = MIDDLE_NS + number * MS, f"ot=th:{number % 13:x}5"
            calls = [
                span("client", f"c{number}", "r", at_ns=at, trace_state=state),
                span("server", f"s{number}", f"c{number}", at_ns=at, ms=number),
            ]
            made.send(spans_request(calls[:1], "web"), spans_request(calls[1:], "cart"))
            if number % 5 == 2:
                made.flush()
        window = Window(MIDDLE_NS, MIDDLE_NS + 1000 * MS)
        reader = Reader(made.service)
        (one,), (other,) = edges(reader, window, None).found, edges_by_join(reader, window, None)
        assert one._replace(figures={}) == other._replace(figures={})
        assert one.figures == pytest.approx(other.figures)


def test_a_file_without_calls(tmp_path: Path) -> None:
    """Of which a range has all, or a part."""
    with backend(tmp_path) as made:
        lonely = [span("internal", f"i{n}", at_ns=MIDDLE_NS + n * 1000 * MS) for n in range(3)]
        made.send(spans_request(lonely, "shop"))
        made.flush()
        windows = [Window(MIDDLE_NS + ms * MS, MIDDLE_NS + 10_000 * MS) for ms in (-1, 500)]
        for window in windows:
            assert edges(Reader(made.service), window, None).found == []
        made.send(spans_request([span("server", "s", at_ns=MIDDLE_NS + 5000 * MS)], "shop"))
        for window in windows:
            (edge,) = edges(Reader(made.service), window, None).found
            assert (edge.client, edge.server, edge.figures["span_count"]) == ("user", "shop", 1)
