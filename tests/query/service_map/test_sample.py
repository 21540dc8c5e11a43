"""Maps of more than may be looked at: of some of the traces, told in the answer."""

from collections.abc import Iterator
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.backend import Backend, backend, spans_request
from support.called_spans import MS, id_of, span
from support.fake_decoder import START_NS

from goldeneye import limits
from goldeneye.errors import TooManyRows
from query.asking.reader import Reader
from query.asking.window import Window
from query.reads import Reads
from query.service_map import by_file
from query.service_map.by_join import edges_by_join
from query.service_map.edges import edges

AT_NS = START_NS - 600_000 * MS
WINDOW = Window(START_NS - 3_600_000 * MS, START_NS)
TRACES = 64


@pytest.fixture(autouse=True)
def _every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small."""
    monkeypatch.setattr(limits, "MIN_REMEMBERED_ROWS", 1)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    """Traces of one call: half of them in one file, half in two."""
    with backend(tmp_path) as made:
        calls = [span("client", "c", trace=f"t{n}", at_ns=AT_NS) for n in range(TRACES)]
        served = [span("server", "s", "c", f"t{n}", AT_NS, ms=n + 1) for n in range(TRACES)]
        half = TRACES // 2
        made.send(spans_request(calls, "web"), spans_request(served[:half], "cart"))
        made.flush()
        made.send(spans_request(served[half:], "cart"))
        made.flush()
        yield made


def _part(trace: str, parts: int) -> int:
    found = duckdb.execute("SELECT hash($1)", [id_of(trace, 16).hex()]).fetchall()
    return int(found[0][0]) % parts


def _kept(parts: int) -> int:
    return sum(_part(f"t{n}", parts) == 0 for n in range(TRACES))


def _map(whole: Backend) -> dict[str, Any]:
    found: dict[str, Any] = whole.get("/api/v1/service-map")
    return found


def test_too_many_spans_are_no_problem(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    for most, parts in ((2 * TRACES, 1), (2 * TRACES - 1, 4), (TRACES // 8, 16)):
        monkeypatch.setattr(limits, "MAX_MAP_SPANS", most)
        answer = _map(whole)
        (edge,) = answer["edges"]
        assert answer["trace_share"] == 1 / parts
        assert edge["span_count"] == _kept(parts) > 0
        assert edge["count"] == _kept(parts) * parts
        assert edge["rate"] == pytest.approx(_kept(parts) * parts / 3600)


def test_too_much_memory_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next map begins where this one ended."""
    monkeypatch.setattr(limits, "MAX_REMEMBERED_CALL_BYTES", 2_500)
    with backend(tmp_path) as made:
        for first in range(0, 96, 32):
            calls = [span("client", "c", trace=f"t{first + n}", at_ns=AT_NS) for n in range(32)]
            made.send(spans_request(calls, "web"))
            made.flush()
            served = [span("server", "s", "c", f"t{first + n}", AT_NS) for n in range(32)]
            made.send(spans_request(served, "cart"))
        made.flush()
        reader = Reader(made.service)
        found = edges(reader, WINDOW, None)
        assert found.trace_share < 1
        assert edges(Reader(made.service), WINDOW, None) == found


def test_a_later_sample_is_made_of_what_was_counted(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    edges(Reader(whole.service), WINDOW, None)
    monkeypatch.setattr(limits, "MAX_MAP_SPANS", TRACES // 8)
    reader = Reader(whole.service)
    found = edges(reader, WINDOW, None)
    assert found.trace_share == 1 / 16
    assert reader.files_read == 0
    assert found.found == edges_by_join(reader, WINDOW, None, 2) != []


def test_a_little_less_reuses_what_was_counted(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter of what may be looked at is enough, where all of it is allowed it is not."""
    asked = ((TRACES // 8, 16), (TRACES, 16), (2 * TRACES, 1), (TRACES, 4))
    for number, (most, parts) in enumerate(asked):
        monkeypatch.setattr(limits, "MAX_MAP_SPANS", most)
        reader = Reader(whole.service)
        assert edges(reader, WINDOW, None).trace_share == 1 / parts
        assert (reader.files_read > 0) == (number in (0, 2))


def test_calls_few_of_which_are_alike(whole: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than a statement may answer, in a file and in all that are read at once."""
    reader = Reader(whole.service)
    real = reader.read

    def read(reads: Reads) -> Any:
        found = real(reads)
        if any(table.num_rows > TRACES // 8 for table in found):
            raise TooManyRows("too many")
        return found

    monkeypatch.setattr(reader, "read", read)
    found, trace_share = edges(reader, WINDOW, None)
    assert trace_share <= 1 / 4
    assert sum(one.figures["span_count"] for one in found) == _kept(round(1 / trace_share))


def test_calls_many_of_which_are_in_several_files(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At fewer traces than all, fewer still are as good as one join over them."""
    again = [span("server", "s", "c", f"t{n}", AT_NS, ms=n + 1) for n in range(TRACES // 2)]
    whole.send(spans_request(again, "cart"))
    whole.flush()
    monkeypatch.setattr(by_file, "_MAX_KEYS", 8)
    reader = Reader(whole.service)
    assert edges(reader, WINDOW, None) == (edges_by_join(reader, WINDOW, None), 1.0)
    monkeypatch.setattr(limits, "MAX_MAP_SPANS", 2 * TRACES)
    found, trace_share = edges(reader, WINDOW, None)
    assert trace_share <= 1 / 4
    step = round(-log2(trace_share) / 2)
    assert found == edges_by_join(reader, WINDOW, None, step) != []


def test_a_link_is_looked_at_with_its_producer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever trace its consumer is of; and nobody's message is one that nobody answers."""
    monkeypatch.setattr(limits, "MAX_MAP_SPANS", 5)
    names = [f"t{n}" for n in range(50)]
    inside = [name for name in names if _part(name, 4) == 0]
    outside = [name for name in names if _part(name, 4) > 0]
    broker = {"server__address": "broker"}
    sent = [
        span("producer", "p", trace=trace, at_ns=AT_NS, **broker)
        for trace in (inside[0], inside[1], outside[0], outside[1])
    ]
    received = [
        span("consumer", "c", "", outside[2], AT_NS, links=[(inside[0], "p")], **broker),
        span("consumer", "c", "", inside[2], AT_NS, links=[(outside[0], "p")], **broker),
        span("consumer", "c", "", outside[3], AT_NS, **broker),
        span("consumer", "c", "", inside[3], AT_NS, **broker),
    ]
    with backend(tmp_path) as made:
        made.send(spans_request(sent, "shop"), spans_request(received, "mail"))
        made.flush()
        answer = _map(made)
    assert answer["trace_share"] == 0.25
    assert {(one["client"], one["server"]): one["count"] for one in answer["edges"]} == {
        ("shop", "mail"): 4,
        ("shop", "broker"): 4,
        ("broker", "mail"): 4,
    }
