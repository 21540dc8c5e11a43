"""One gRPC call written frame by frame: for requests that no gRPC library would send."""

import socket
import struct
from dataclasses import dataclass, field
from typing import Final

_DATA, _HEADERS, _SETTINGS, _PING, _GO_AWAY, _WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_INITIAL_WINDOW: Final = 4
_STREAM: Final = 1
_TIMEOUT_S: Final = 30.0


@dataclass
class Answer:
    """What came back: the raw header blocks, and the data."""

    headers: list[bytes] = field(default_factory=list)
    data: bytes = b""

    @property
    def trailers_only(self) -> bool:
        """Whether the status came in the first and only block of headers."""
        return len(self.headers) == 1

    def header(self, name: bytes) -> bytes | None:
        """The value of a header that the peer wrote out plainly, without Huffman's code."""
        for block in self.headers:
            _, found, rest = block.partition(bytes([len(name)]) + name)
            if found:
                return rest[1 : 1 + rest[0]]
        return None

    @property
    def grpc_status(self) -> int:
        found = self.header(b"grpc-status")
        assert found is not None, self.headers
        return int(found)


def call(
    address: str, path: str, message: bytes, *, encoding: str | None = None, content_type: str
) -> Answer:
    """Send one message, which is marked as compressed where `encoding` is given."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), _TIMEOUT_S) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Call(peer).run(_request_headers(path, encoding, content_type), message, encoding)


def _request_headers(path: str, encoding: str | None, content_type: str) -> bytes:
    pairs = [
        (":method", "POST"),
        (":scheme", "http"),
        (":path", path),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", content_type),
    ]
    if encoding is not None:
        pairs.append(("grpc-encoding", encoding))
    # Literals without indexing, their lengths below 127 in one byte.
    return b"".join(b"\x00" + _text(name) + _text(value) for name, value in pairs)


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode()


class _Call:
    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._input = peer.makefile("rb")
        self._windows = {0: 65_535, _STREAM: 65_535}
        self._ended = False
        self._answer = Answer()

    def run(self, headers: bytes, message: bytes, encoding: str | None) -> Answer:
        self._peer.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        # Room for any answer, so that nothing need be given back.
        self._send(_SETTINGS, 0, 0, struct.pack(">HI", _INITIAL_WINDOW, 1 << 30))
        self._send(_HEADERS, _END_HEADERS, _STREAM, headers)
        waiting = struct.pack(">BI", encoding is not None, len(message)) + message
        while waiting and not self._ended:
            part = waiting[: min(16_384, *self._windows.values())]
            if not part:
                self._receive()
                continue
            waiting = waiting[len(part) :]
            for stream in self._windows:
                self._windows[stream] -= len(part)
            self._send(_DATA, 0 if waiting else _END_STREAM, _STREAM, part)
        while not self._ended:
            self._receive()
        return self._answer

    def _send(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        head = struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream)
        self._peer.sendall(head + payload)

    def _receive(self) -> None:
        head = self._input.read(9)
        assert len(head) == 9, "the connection ended"
        kind, flags, stream = head[3], head[4], int.from_bytes(head[5:])
        payload = self._input.read(int.from_bytes(head[:3]))
        if kind == _SETTINGS and not flags & _ACK:
            self._settings(payload)
        elif kind == _PING and not flags & _ACK:
            self._send(_PING, _ACK, 0, payload)
        elif kind == _WINDOW_UPDATE:
            self._windows[stream] += int.from_bytes(payload)
        elif kind == _GO_AWAY:
            raise AssertionError(f"the peer goes away: {payload!r}")
        elif kind == _HEADERS:
            self._answer.headers.append(payload)
        elif kind == _DATA:
            self._answer.data += payload
        self._ended |= kind in (_DATA, _HEADERS) and bool(flags & _END_STREAM)

    def _settings(self, payload: bytes) -> None:
        for at in range(0, len(payload), 6):
            name, value = struct.unpack_from(">HI", payload, at)
            if name == _INITIAL_WINDOW:
                self._windows[_STREAM] += value - 65_535
        self._send(_SETTINGS, _ACK, 0, b"")
