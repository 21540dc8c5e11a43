"""H: connections, keepalive, shutdown."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from support.http2_connection import NO_ERROR, GoneAway, connected
from support.items import one_span
from support.live import Live, head, start
from support.otlp_server import TIMEOUT_S, method

from goldeneye.http_server import HttpServer

Code = grpc.StatusCode
MIB = 2**20


@pytest.fixture(scope="module", autouse=True)
def slow_clients(_usual: Live) -> Iterator[dict[str, socket.socket]]:
    """Begun before the first test here, so that the last does not wait for all of it."""
    parts = {
        "head": b"POST /v1/traces HTTP/1.1\r\nHost: x\r\n",
        "body": head("/v1/traces", "Content-Length: 1000") + one_span(),
    }
    with ExitStack() as peers:
        found = {}
        for name, part in parts.items():
            peer = peers.enter_context(socket.create_connection(_usual.http_address, 45))
            peer.sendall(part)
            found[name] = peer
        yield found


def test_118_a_connection_is_kept(live: Live) -> None:
    body = one_span()
    request = head("/v1/traces", f"Content-Length: {len(body)}") + body
    wrong = head("/v1/traces", "Content-Length: 1") + b"\xff"
    answers = list(live.raw(request, wrong, request, request))
    assert [answer[9:12] for answer in answers] == [b"200", b"400", b"200", b"200"]
    assert not any(b"connection: close" in answer.lower() for answer in answers)


def test_118_it_outlives_the_pools_of_clients() -> None:
    """Go's has 90 s; a test that waits would take as long."""
    server = HttpServer(lambda *_: None, "127.0.0.1:0", "OTLP over HTTP", "key")  # type: ignore
    try:
        assert server._server.config.timeout_keep_alive > 90
    finally:
        server._socket.close()


def test_119_exact_duplicates_are_taken(live: Live) -> None:
    """Both are kept: OTLP has no identity of a request, and both were acknowledged."""
    for _ in range(2):
        live.accept("/v1/traces", one_span())
    assert live.count("spans") == 2


def test_120_many_new_connections_are_answered(small: Live) -> None:
    def connect(_: int) -> grpc.StatusCode:
        channel = small.new_channel()
        try:
            channel.unary_unary(method("traces"))(one_span(), timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
        finally:
            channel.close()
        return Code.OK

    with ThreadPoolExecutor(50) as pool:
        with small.holding(2, MIB):
            assert set(pool.map(connect, range(50))) == {Code.UNAVAILABLE}
        assert Code.OK in set(pool.map(connect, range(5)))


def test_121_pings_are_tolerated(live: Live) -> None:
    """Five, more than once in the Collector's 10 s; a core's own default ends it at the third."""
    with connected(live.server.grpc_endpoint) as connection:
        for _ in range(4):
            connection.ping()
            time.sleep(1.05)  # what is measured here is time itself
        connection.ping()


@pytest.mark.slow
def test_122_connections_may_be_given_an_age(tmp_path: Path) -> None:
    live = Live(start(tmp_path, receiver__grpc__max_connection_age_s="1"))
    try:
        with connected(live.server.grpc_endpoint) as connection, pytest.raises(GoneAway) as caught:
            connection.await_end()
        assert caught.value.code == NO_ERROR
        assert live.export("traces", one_span()) == b""
    finally:
        live.close()
        live.server.stop()


@pytest.mark.slow
def test_124_what_is_in_flight_is_answered_and_the_rest_refused(tmp_path: Path) -> None:
    live = Live(start(tmp_path))
    body = one_span(name="in flight")
    go_on = threading.Event()
    started = threading.Event()

    def late() -> Iterator[bytes]:
        started.set()
        assert go_on.wait(TIMEOUT_S)
        yield body

    try:
        call = live.channel.stream_unary(method("traces")).future(late(), timeout=TIMEOUT_S)
        with socket.create_connection(live.http_address, TIMEOUT_S) as peer:
            peer.sendall(head("/v1/traces", f"Content-Length: {len(body)}") + body[:10])
            assert started.wait(TIMEOUT_S)
            live.accept("/v1/logs", b"")
            live.export("logs", b"")
            live.server.process.send_signal(signal.SIGTERM)
            _await_refusal(live.http_address)
            peer.sendall(body[10:])
            go_on.set()
            assert peer.recv(65_536).startswith(b"HTTP/1.1 200")
        assert call.result() == b""
        assert live.server.process.wait(TIMEOUT_S) == 0
        live.server.start()
        assert live.count("spans") == 2
    finally:
        live.close()
        live.server.stop()


def _await_refusal(address: tuple[str, int]) -> None:
    deadline_s = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline_s:
        try:
            socket.create_connection(address, TIMEOUT_S).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("it still accepts connections")


@pytest.mark.parametrize("which", ["grpc", "http"])
def test_125_a_port_in_use_is_an_error_at_the_start(tmp_path: Path, which: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        free = f"127.0.0.1:{other.getsockname()[1]}"
        other.close()
        endpoints = {"grpc": free, "http": free, which: address}
        ended = _serve(tmp_path, endpoints)
    assert ended.returncode not in (0, None)
    assert address in ended.stderr
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(free.rpartition(":")[2])), TIMEOUT_S)


def _serve(folder: Path, endpoints: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """A start that must fail."""
    variables = {f"GOLDENEYE_{own}__ENDPOINT": "127.0.0.1:0" for own in ("API", "QUERY__GRPC")} | {
        f"GOLDENEYE_RECEIVER__{name.upper()}__ENDPOINT": endpoint
        for name, endpoint in endpoints.items()
    }
    return subprocess.run(
        [sys.executable, "-m", "goldeneye", "serve", "--data-dir", str(folder / "data")],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def test_127_one_protocol_must_be_on(tmp_path: Path) -> None:
    ended = _serve(tmp_path, {"grpc": "null", "http": "null"})
    assert ended.returncode not in (0, None)
    assert "receiver.grpc.endpoint" in ended.stderr


@pytest.mark.parametrize("off", ["grpc", "http"])
def test_127_each_protocol_can_be_off(tmp_path: Path, off: str) -> None:
    live = Live(start(tmp_path, **{f"receiver__{off}__endpoint": "null"}))
    try:
        assert live.server.get("/api/v1/status")["listeners"][off] is None
        if off == "http":
            assert live.export("traces", one_span()) == b""
        else:
            live.accept("/v1/traces", one_span())
        assert live.count("spans") == 1
    finally:
        live.close()
        live.server.stop()


def test_128_answers_come_before_clients_give_up(small: Live) -> None:
    """The SDKs wait for 10 s."""
    with small.holding(2, MIB), ThreadPoolExecutor(20) as pool:
        started_s = time.monotonic()
        posts = [pool.submit(small.post, "/v1/traces", one_span()) for _ in range(20)]
        assert {post.result().status_code for post in posts} == {503}
        assert time.monotonic() - started_s < 8


def test_123_heads_and_bodies_that_do_not_come_are_given_up(
    live: Live, slow_clients: dict[str, socket.socket]
) -> None:
    """In time for the sockets' own patience."""
    answer = slow_clients["head"].recv(65_536)
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert slow_clients["body"].recv(65_536).startswith(b"HTTP/1.1 503")
    live.accept("/v1/traces", one_span())
