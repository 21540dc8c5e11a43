"""An HTTP/2 connection without calls: its pings, and what ends it."""

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SETTINGS, _PING, _GO_AWAY = 4, 6, 7
_ACK: Final = 1
_MAX_CONCURRENT_STREAMS: Final = 3
_TIMEOUT_S: Final = 30.0
NO_ERROR, ENHANCE_YOUR_CALM = 0, 11


class GoneAway(Exception):
    """The peer ends the connection: the error's number, and what it says."""

    def __init__(self, payload: bytes) -> None:
        self.code = int.from_bytes(payload[4:8])
        super().__init__(self.code, payload[8:])


class Connection:
    """Its settings have been exchanged."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._input = peer.makefile("rb")
        self.max_concurrent_streams = 0
        peer.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        self._send(_SETTINGS, 0, b"")
        self._await(_SETTINGS, 0)

    def ping(self, payload: bytes = b"12345678") -> None:
        """Return with the answer; GoneAway where the peer has enough."""
        self._send(_PING, 0, payload)
        assert self._await(_PING, _ACK) == payload

    def ping_at_once(self, times: int) -> None:
        """Several in one piece, their answers not awaited."""
        self._peer.sendall(_frame(_PING, 0, bytes(8)) * times)

    def await_end(self) -> None:
        """Raise GoneAway once the peer says so."""
        self._await(-1, 0)

    def _send(self, kind: int, flags: int, payload: bytes) -> None:
        self._peer.sendall(_frame(kind, flags, payload))

    def _await(self, wanted: int, wanted_flags: int) -> bytes:
        deadline_s = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < deadline_s:
            kind, flags, payload = self._receive()
            if (kind, flags) == (wanted, wanted_flags):
                return payload
        raise TimeoutError(f"no frame of kind {wanted}")

    def _receive(self) -> tuple[int, int, bytes]:
        head = self._input.read(9)
        assert len(head) == 9, "the connection ended"
        kind, flags, payload = head[3], head[4], self._input.read(int.from_bytes(head[:3]))
        if kind == _SETTINGS and not flags & _ACK:
            settings = struct.iter_unpack(">HI", payload)
            self.max_concurrent_streams = dict(settings).get(_MAX_CONCURRENT_STREAMS, 0)
            self._send(_SETTINGS, _ACK, b"")
        elif kind == _PING and not flags & _ACK:
            self._send(_PING, _ACK, payload)
        elif kind == _GO_AWAY:
            raise GoneAway(payload)
        return kind, flags, payload


def _frame(kind: int, flags: int, payload: bytes) -> bytes:
    """A frame of the connection itself."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, 0) + payload


@contextmanager
def connected(address: str) -> Iterator[Connection]:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), _TIMEOUT_S) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield Connection(peer)
