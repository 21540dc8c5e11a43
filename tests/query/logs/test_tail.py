"""The live tail over a real socket: what is committed and matches comes, once."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.backend import Backend, backend
from support.log_records import logs_request, record

from goldeneye.errors import Unavailable
from goldeneye.snapshot import HotChunk
from query.logs import tail, tailing
from query.logs.arrivals import Arrivals
from query.logs.tail import Matches, events

PATH = "/api/v1/logs/tail"


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Backend]:
    with backend(tmp_path) as whole:
        yield whole


class Listener:
    """Events of one connection, read as they are asked for."""

    def __init__(self, response: httpx.Response) -> None:
        assert response.headers["content-type"].startswith("text/event-stream")
        self._lines = response.iter_lines()
        assert next(self._lines) == ": listening"

    def next(self) -> tuple[str, Any]:
        name = ""
        for line in self._lines:
            assert line != ":", "a sign of life came where an event was to come"
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise EOFError

    def bodies(self, count: int) -> list[Any]:
        return [self.next()[1]["body"] for _ in range(count)]


def test_records_come_as_they_are_committed_whatever_is_flushed(whole: Backend) -> None:
    whole.send(logs_request([record("before")]))
    with whole.client.stream("GET", PATH) as response:
        listener = Listener(response)
        whole.send(logs_request([record("first", trace=1, user__id="ada")]))
        name, log = listener.next()
        assert (name, log["body"], log["severity"]) == ("log", "first", "info")
        assert (log["trace_id"], log["attributes"]) == ("01" * 16, {"user.id": "ada"})
        whole.send(logs_request([record("second")]))
        whole.flush()
        whole.send(logs_request([record("third", at_s=-86_400)]))
        assert listener.bodies(2) == ["second", "third"]


def test_only_what_matches_comes(whole: Backend) -> None:
    asked = {"query": "pay -retry", "service": "shop", "min_severity": "warn"}
    with whole.client.stream("GET", PATH, params=asked) as response:
        listener = Listener(response)
        for body, severity in (("pay", 9), ("retry to PAY", 17), ("x", 17), ("PAYment", 13)):
            whole.send(logs_request([record(body, severity=severity)]))
        whole.send(logs_request([record("pay", severity=17)], service="cart"))
        whole.send(logs_request([record("not payable", severity=17)]))
        assert listener.bodies(2) == ["PAYment", "not payable"]


def test_two_listeners_get_each_record(whole: Backend) -> None:
    with (
        whole.client.stream("GET", PATH) as one,
        whole.client.stream("GET", PATH) as other,
    ):
        listeners = [Listener(one), Listener(other)]
        whole.send(logs_request([record("a"), record("b", 1)]))
        assert [listener.bodies(2) for listener in listeners] == [["a", "b"]] * 2


def test_more_than_is_sent_at_once_is_counted(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "MAX_RECORDS_AT_ONCE", 2)
    with whole.client.stream("GET", PATH) as response:
        listener = Listener(response)
        whole.send(logs_request([record(str(number), number) for number in range(5)]))
        name, skipped = listener.next()
        assert (name, skipped["count"]) == ("skipped", 3)
        assert listener.bodies(2) == ["0", "1"]


def test_listeners_are_bounded_and_make_room_when_they_go(
    whole: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tailing, "_MAX_CLIENTS", 1)
    with whole.client.stream("GET", PATH) as response:
        listener = Listener(response)
        assert "1 clients listen already" in whole.problem(PATH, status=503)
        whole.send(logs_request([record("still")]))
        assert listener.bodies(1) == ["still"]
    for _ in range(1_000):
        with whole.client.stream("GET", PATH) as response:
            if response.status_code == 200:
                return
    pytest.fail("the place of a client that went was not given back")


def test_a_listener_ends_when_the_server_stops(tmp_path: Path) -> None:
    client = httpx.Client(timeout=60)
    with backend(tmp_path) as whole:
        request = client.build_request("GET", whole.client.base_url.join(PATH))
        response = client.send(request, stream=True)
        listener = Listener(response)
    with pytest.raises(EOFError):
        listener.next()
    client.close()


def test_what_is_wrong_is_said_before_the_stream(whole: Backend) -> None:
    assert whole.problem(PATH, {"query": "("}).startswith("query: '(', character 2: ")
    assert whole.problem(PATH, {"limit": "3"}).startswith("query.limit: ")


class Rows:
    """A chunk of which only the count matters."""

    def __init__(self, row_count: int) -> None:
        self.row_count = row_count


def test_waiting_rows_are_bounded_and_the_lost_ones_counted() -> None:
    async def taken() -> tuple[list[int], int]:
        arrivals = Arrivals(max_rows=10)
        for count in (4, 5, 3, 2):
            arrivals.add(Rows(count))  # type: ignore[arg-type]
        arrived = await arrivals.take(10)
        return [chunk.row_count for chunk in arrived.chunks], arrived.skipped

    assert asyncio.run(taken()) == ([5, 3, 2], 4)


def test_signs_of_life_come_while_nothing_else_does() -> None:
    async def said() -> list[bytes]:
        stream = events(Arrivals(10), _nothing, heartbeat_s=0.001)
        return [await anext(stream) for _ in range(3)]

    assert asyncio.run(said()) == [b": listening\n\n", b":\n\n", b":\n\n"]


def test_a_search_that_fails_is_told_and_the_next_goes_on() -> None:
    async def said() -> list[bytes]:
        arrivals = Arrivals(10)
        stream = events(arrivals, failing_once())
        found = [await anext(stream)]
        for _ in range(2):
            arrivals.add(Rows(3))  # type: ignore[arg-type]
            found.append(await anext(stream))
        return found

    def failing_once() -> Any:
        answers = [Unavailable("busy"), Matches([{"body": "a"}], 1)]

        async def search(_: Sequence[HotChunk]) -> Matches:
            answer = answers.pop(0)
            if isinstance(answer, Unavailable):
                raise answer
            return answer

        return search

    assert asyncio.run(said())[1:] == [
        b'event: skipped\ndata: {"count":3,"reason":"busy"}\n\n',
        b'event: log\ndata: {"body":"a"}\n\n',
    ]


async def _nothing(_: Sequence[HotChunk]) -> Matches:
    return Matches([], 0)
