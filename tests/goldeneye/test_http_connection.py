"""HTTP connections whose clients are slow, or never come to an end."""

import contextlib
import socket
import time
from collections.abc import Iterator

import pytest
from support.committer import RecordingCommitter
from support.otlp_server import TIMEOUT_S, OtlpServer, serving
from support.requests import spans

from goldeneye.limits import HTTP_MAX_HEAD_BYTES
from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding import choose

REQUEST_LINE = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[OtlpServer]:
    with serving(RecordingCommitter(), choose.decoder(well_known_keys())) as found:
        yield found


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("goldeneye.http_connection.HTTP_HEAD_TIMEOUT_S", 0.3)
    monkeypatch.setattr("goldeneye.http_connection.HTTP_REQUEST_TIMEOUT_S", 0.3)


@contextlib.contextmanager
def connected(server: OtlpServer) -> Iterator[socket.socket]:
    host, _, port = server.http_address.rpartition(":")
    with socket.create_connection((host, int(port)), TIMEOUT_S) as peer:
        yield peer


def rest(peer: socket.socket) -> bytes:
    """All until the server closes."""
    found = b""
    try:
        while part := peer.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


def trickle(peer: socket.socket, piece: bytes) -> None:
    """Send on until the connection is gone."""
    deadline_s = time.monotonic() + TIMEOUT_S
    with contextlib.suppress(ConnectionError):
        while time.monotonic() < deadline_s:
            peer.sendall(piece)
            time.sleep(0.02)
        raise AssertionError("the connection is still open")


@pytest.mark.usefixtures("_impatient")
def test_a_head_that_does_not_end_is_ended(server: OtlpServer) -> None:
    with connected(server) as peer:
        peer.sendall(REQUEST_LINE)
        assert rest(peer).startswith(b"HTTP/1.1 408 ")
    with connected(server) as peer:
        peer.sendall(REQUEST_LINE)
        trickle(peer, b"X-A: b\r\n")
    assert server.post("/v1/traces", spans(1)).status_code == 200


@pytest.mark.usefixtures("_impatient")
def test_a_connection_that_says_nothing_is_closed(server: OtlpServer) -> None:
    with connected(server) as peer:
        assert rest(peer) == b""


@pytest.mark.usefixtures("_impatient")
def test_the_time_counts_anew_for_each_request(server: OtlpServer) -> None:
    whole = REQUEST_LINE + b"Content-Length: %d\r\n\r\n" % len(spans(1)) + spans(1)
    with connected(server) as peer:
        for _ in range(2):
            peer.sendall(whole)
            assert peer.recv(65_536).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.4)  # longer than a head may take: nobody waits for one
        peer.sendall(REQUEST_LINE)
        assert rest(peer).startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("_impatient")
def test_a_body_that_goes_on_after_its_answer_is_ended(server: OtlpServer) -> None:
    with connected(server) as peer:
        peer.sendall(REQUEST_LINE + b"Content-Length: 999999999\r\n\r\n")
        assert peer.recv(65_536).startswith(b"HTTP/1.1 413 ")
        trickle(peer, b"x")
    assert server.post("/v1/traces", spans(1)).status_code == 200


def test_a_head_has_a_largest_size(server: OtlpServer) -> None:
    fits = b"X-A: " + b"a" * (HTTP_MAX_HEAD_BYTES - 1_000) + b"\r\n"
    with connected(server) as peer:
        peer.sendall(REQUEST_LINE + fits + b"Content-Length: 0\r\n\r\n")
        assert peer.recv(65_536).startswith(b"HTTP/1.1 200 ")
    with connected(server) as peer:
        peer.sendall(REQUEST_LINE + b"X-A: " + b"a" * (HTTP_MAX_HEAD_BYTES + 1))
        assert rest(peer).startswith(b"HTTP/1.1 431 ")


def test_trailers_have_a_largest_size(server: OtlpServer) -> None:
    with connected(server) as peer:
        peer.sendall(REQUEST_LINE + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-A: ")
        trickle(peer, b"a" * 10_000)
    assert server.post("/v1/traces", spans(1)).status_code == 200
