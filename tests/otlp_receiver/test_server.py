"""The receiver as a whole: it starts wholly or not at all, and stops without losing an answer."""

import asyncio
import contextlib
import queue
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import httpx
import pytest
from support.committer import RecordingCommitter
from support.heavy_requests import message
from support.held_decoder import HeldDecoder
from support.otlp_server import TIMEOUT_S, OtlpServer, serving, settings
from support.requests import records, sized, spans

from goldeneye.clock import SystemClock
from goldeneye.errors import StartupError
from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding import choose
from otlp_receiver.pipeline import Pipeline
from otlp_receiver.server import Receiver

DECODER = choose.decoder(well_known_keys())


@contextlib.contextmanager
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield f"127.0.0.1:{other.getsockname()[1]}"


@pytest.mark.parametrize(
    ("setting", "purpose", "key"),
    [
        ("http_endpoint", "OTLP over HTTP", "receiver.http.endpoint"),
        ("grpc_endpoint", "OTLP over gRPC", "receiver.grpc.endpoint"),
    ],
)
def test_a_port_in_use_is_named_with_the_key_that_moves_it(
    committer: RecordingCommitter, setting: str, purpose: str, key: str
) -> None:
    with taken_port() as endpoint, pytest.raises(StartupError) as caught:
        OtlpServer(committer, DECODER, **{setting: endpoint}).start()
    message = str(caught.value)
    assert all(part in message for part in (endpoint, purpose, key))
    assert "\n" not in message


def test_where_one_transport_cannot_start_the_other_does_not_stay(
    committer: RecordingCommitter,
) -> None:
    with taken_port() as free:
        pass
    clock = SystemClock()

    async def start() -> None:
        changes = {"http_endpoint": free, "grpc_endpoint": taken}
        receiver = Receiver(settings(**changes), Pipeline(DECODER, committer, clock), clock)
        with pytest.raises(StartupError):
            await receiver.start()
        host, _, port = free.rpartition(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), TIMEOUT_S).close()

    with taken_port() as taken:
        asyncio.run(start())


def test_a_second_receiver_does_not_share_the_first_ones_ports(
    committer: RecordingCommitter, server: OtlpServer
) -> None:
    for setting, endpoint in (
        ("grpc_endpoint", server.grpc_address),
        ("http_endpoint", server.http_address),
    ):
        with pytest.raises(StartupError):
            OtlpServer(committer, DECODER, **{setting: endpoint}).start()
    assert server.export("traces", spans(1)) == b""


def test_either_transport_can_be_turned_off(committer: RecordingCommitter) -> None:
    with serving(committer, DECODER, grpc_endpoint=None) as server:
        assert not server.grpc_address
        assert server.post("/v1/traces", spans(1)).status_code == 200
    with serving(committer, DECODER, http_endpoint=None) as server:
        assert not server.http_address
        assert server.export("traces", spans(2)) == b""
    assert committer.bodies == [spans(1), spans(2)]


def test_it_listens_on_ipv6(committer: RecordingCommitter) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with serving(committer, DECODER, grpc_endpoint="[::1]:0", http_endpoint="[::1]:0") as server:
        assert server.post("/v1/traces", spans(1)).status_code == 200
        assert server.export("traces", spans(2)) == b""


def test_stopping_answers_what_is_in_flight_and_takes_nothing_more(
    committer: RecordingCommitter,
) -> None:
    decoder = HeldDecoder(DECODER)
    server = OtlpServer(committer, decoder)
    server.start()
    answers: queue.Queue[Any] = queue.Queue()
    with committer.held():
        threading.Thread(
            target=lambda: answers.put(server.post("/v1/traces", spans(1)).status_code)
        ).start()
        decoder.await_call()
        call = server.call("traces").future(spans(2), timeout=TIMEOUT_S)
        call.add_done_callback(lambda call: answers.put(call.code()))
        decoder.await_call()
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        _await_closed(server.http_address)
        _await_closed(server.grpc_address)
        assert answers.empty()
    assert {answers.get(timeout=TIMEOUT_S) for _ in range(2)} == {200, grpc.StatusCode.OK}
    stopping.join(TIMEOUT_S)
    assert committer.bodies == [spans(1), spans(2)]
    assert not server.broken


def test_http_is_drained_for_as_long_as_it_is_given(committer: RecordingCommitter) -> None:
    server = OtlpServer(committer, DECODER)
    server.start()
    answers: queue.Queue[int] = queue.Queue()

    def post() -> None:
        answers.put(server.post("/v1/traces", spans(1)).status_code)

    with committer.held():
        threading.Thread(target=post).start()
        committer.await_commit()
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        time.sleep(2.5)  # what is measured here is time itself
    assert answers.get(timeout=TIMEOUT_S) == 200
    stopping.join(TIMEOUT_S)
    assert committer.bodies == [spans(1)]


def test_a_peer_that_sends_slowly_leaves_room_for_others(
    small_server: OtlpServer, committer: RecordingCommitter
) -> None:
    host, _, port = small_server.http_address.rpartition(":")
    head = (
        b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
        b"Content-Length: 65536\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        slow = [socket.create_connection((host, int(port)), TIMEOUT_S) for _ in range(5)]
        for peer in slow:
            stack.enter_context(peer)
            peer.sendall(head)
        # Four would fill the budget, were they not all one peer's.
        ended, _, _ = select.select(slow, [], [], TIMEOUT_S)
        assert ended[0].recv(65_536).startswith(b"HTTP/1.1 503 ")
        elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=elsewhere, timeout=TIMEOUT_S) as other:
            answer = other.post(
                f"http://{small_server.http_address}/v1/traces",
                content=sized(65_536),
                headers={"Content-Type": "application/x-protobuf"},
            )
        assert answer.status_code == 200
    assert committer.bodies == [sized(65_536)]


def test_both_transports_share_how_many_items_may_be_in_flight(
    small_server: OtlpServer, committer: RecordingCommitter
) -> None:
    """1,024 of them where 256 KiB may be in flight, however small they are."""
    many = message(1, message(2, b"\x12\x00" * 1_000))
    with committer.held():
        call = small_server.call("logs").future(many, timeout=TIMEOUT_S)
        committer.await_commit()
        refused = small_server.post("/v1/logs", message(1, message(2, b"\x12\x00" * 100)))
        assert refused.status_code == 503
        assert b"1024 items are in flight already" in refused.content
        few = small_server.call("logs").future(records(20), timeout=TIMEOUT_S)
    assert (call.result(), few.result()) == (b"", b"")
    # More than may ever be in flight goes alone.
    assert small_server.export("logs", message(1, message(2, b"\x12\x00" * 2_000))) == b""
    assert len(committer.bodies) == 3


def _await_closed(address: str) -> None:
    """Connect until that is refused."""
    host, _, port = address.rpartition(":")
    deadline_s = time.monotonic() + TIMEOUT_S
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < deadline_s:
            socket.create_connection((host, int(port)), TIMEOUT_S).close()
            time.sleep(0.005)
        raise AssertionError(f"{address} still listens")
