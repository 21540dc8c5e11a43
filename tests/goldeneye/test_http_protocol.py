"""Several requests on a connection, of which the last is nonsense or never answered."""

import logging
import socket
import struct
from collections.abc import Iterator

import pytest
from support.committer import RecordingCommitter
from support.otlp_server import TIMEOUT_S, OtlpServer, serving
from support.requests import spans

from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding.choose import decoder

BODY = spans(1)
_HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n"
GOOD = _HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
REFUSED = b"HTTP/1.1 400"
STORED = b"HTTP/1.1 200"


@pytest.fixture
def committer() -> RecordingCommitter:
    return RecordingCommitter()


@pytest.fixture
def server(committer: RecordingCommitter) -> Iterator[OtlpServer]:
    with serving(committer, decoder(well_known_keys())) as found:
        yield found


def _connect(server: OtlpServer) -> socket.socket:
    host, port = server.http_address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), TIMEOUT_S)


def _statuses(peer: socket.socket) -> list[bytes]:
    """The status lines of all that comes until the server closes."""
    text = peer.makefile("rb").read()
    return [line[:12] for line in text.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize(
    "nonsense",
    [
        b"nonsense\r\n\r\n",
        _HEAD + b"Content-Length: -1\r\n\r\n",
        _HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
@pytest.mark.parametrize("before", [0, 1, 3])
def test_nonsense_is_refused_after_what_came_before_it(
    server: OtlpServer, committer: RecordingCommitter, nonsense: bytes, before: int
) -> None:
    with _connect(server) as peer:
        with committer.held():
            peer.sendall(GOOD * before + nonsense)
            if before:
                committer.await_commit()
        assert _statuses(peer) == [STORED] * before + [REFUSED]
    assert len(committer.bodies) == before


def test_what_follows_nonsense_is_not_read(
    server: OtlpServer, committer: RecordingCommitter
) -> None:
    with _connect(server) as peer:
        peer.sendall(GOOD + b"nonsense\r\n\r\n" + GOOD)
        assert _statuses(peer) == [STORED, REFUSED]
    assert committer.bodies == [BODY]


def test_a_client_that_goes_away_with_requests_under_way_is_no_error(
    server: OtlpServer, committer: RecordingCommitter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), committer.held():
        peer = _connect(server)
        peer.sendall(GOOD * 3)
        committer.await_commit()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()  # with a reset
        # Answered in the same event loop, after it has learned of the reset.
        with _connect(server) as other:
            other.sendall(b"nonsense\r\n\r\n")
            assert _statuses(other) == [REFUSED]
    assert server.post("/v1/traces", BODY).status_code == 200
    assert not caplog.records
