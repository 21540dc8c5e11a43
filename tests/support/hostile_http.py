"""Streams of HTTP requests on one connection: good ones, pipelined, then perhaps nonsense."""

import contextlib
import gzip
import http.client
import io
import random
import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cramjam
import zstandard
from hypothesis import strategies as st
from support.requests import spans

TIMEOUT_S: Final = 30.0
_HEAD: Final = b"POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n"
COMPRESS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda body: gzip.compress(body, mtime=0),
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "lz4": lambda body: bytes(cramjam.lz4.compress(body)),
}


@dataclass(frozen=True)
class Request:
    """A well framed request; `plain` is what it must be understood as, if at all."""

    wire: bytes
    plain: bytes
    is_intact: bool


@dataclass(frozen=True)
class Ending:
    """What follows the last good request; where `is_cut`, the server must wait for the rest."""

    wire: bytes
    is_cut: bool


def _chunked(body: bytes, rng: random.Random) -> bytes:
    """In pieces of any size, with extensions and trailers."""
    parts, at = [], 0
    while at < len(body):
        size = rng.choice([1, 2, 7, 100, len(body)])
        piece = body[at : at + size]
        head = rng.choice([f"{len(piece):x}", f"{len(piece):X}", f"000{len(piece):x}"])
        extension = rng.choice(["", "", ";a", ";a=b", ';a="b c"'])
        parts.append(f"{head}{extension}\r\n".encode() + piece + b"\r\n")
        at += len(piece)
    trailer = rng.choice([b"", b"", b"X-Sum: 1\r\n", b"A: b\r\nC: d\r\n"])
    return b"".join(parts) + b"0\r\n" + trailer + b"\r\n"


def _mutated(body: bytes, rng: random.Random) -> bytes:
    """A byte changed, left out or put in; cut off; doubled; with something after it."""
    at = rng.randrange(len(body))
    some = rng.randbytes(rng.randrange(1, 9))
    kind = rng.randrange(6)
    if kind == 0:
        return body[:at] + bytes([body[at] ^ (1 << rng.randrange(8))]) + body[at + 1 :]
    if kind == 1:
        return body[:at] + some + body[at:]
    if kind == 2:
        return body[:at] + body[at + len(some) :]
    if kind == 3:
        return body[:at]
    if kind == 4:
        return body + body[:at]
    return body + some


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Compressed or not, perhaps corrupt inside, with a length or in chunks."""
    rng = random.Random(draw(st.integers(0, 2**64)))
    coding = draw(st.sampled_from(["", *COMPRESS]))
    plain = spans(draw(st.integers(1, 40)))
    is_intact = not coding or draw(st.booleans())
    body = COMPRESS[coding](plain) if coding else plain
    head = _HEAD + (f"Content-Encoding: {coding}\r\n".encode() if coding else b"")
    if not is_intact:
        body = _mutated(body, rng)
    if draw(st.booleans()):
        wire = head + b"Transfer-Encoding: chunked\r\n\r\n" + _chunked(body, rng)
    else:
        wire = head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    return Request(wire, plain, is_intact)


_LENGTHS: Final = ["-1", "+1", "1_0", "0x10", "1 1", "1,2", "abc", "9" * 19, "9" * 30, "٣", ""]
_CHUNK_HEADS: Final = ["zz", "-1", "0x5", "F" * 17, "5 5", "", ";a=b", "5\n", "\x00"]
_NONSENSE: Final = [
    _HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhellohello",
    _HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    _HEAD + b"Transfer-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
    _HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
    _HEAD + b"X\x00Y: z\r\n\r\n",
    _HEAD + b"no colon here\r\n\r\n",
    _HEAD + b"X: a\r\n\x01: b\r\n\r\n",
    _HEAD.replace(b"HTTP/1.1", b"HTTP/7.3") + b"\r\n",
    _HEAD.replace(b"POST", b"P\x00ST") + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
]


@st.composite
def endings(draw: st.DrawFn) -> Ending:
    """Framing that is wrong, or a request that is cut off at any byte."""
    kind = draw(st.integers(0, 4))
    if kind == 0:
        request = draw(requests())
        cut = draw(st.integers(1, len(request.wire) - 1))
        return Ending(request.wire[:cut], is_cut=True)
    if kind == 1:
        length = draw(st.sampled_from(_LENGTHS)).encode()
        return Ending(_HEAD + b"Content-Length: " + length + b"\r\n\r\nhello", is_cut=False)
    if kind == 2:
        head = draw(st.sampled_from(_CHUNK_HEADS)).encode()
        chunked = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        return Ending(chunked + head + b"\r\nhello\r\n0\r\n\r\n", is_cut=False)
    if kind == 3:
        return Ending(draw(st.sampled_from(_NONSENSE)), is_cut=False)
    noise = draw(st.binary(min_size=1, max_size=200))
    return Ending(noise, is_cut=True)


def talk(address: str, stream: bytes, pieces: int, answers: int) -> list[int]:
    """Send the stream in so many pieces; the status of each answer, and of more after them."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), TIMEOUT_S) as peer:
        _send(peer, stream, pieces)
        reader = peer.makefile("rb")
        found = [_status(reader) for _ in range(answers)]
        with contextlib.suppress(OSError):  # closed from the other side already
            peer.shutdown(socket.SHUT_WR)
        rest = io.BytesIO(_rest(reader))
    while (status := _status(rest)) is not None:
        found.append(status)
    assert None not in found, f"the connection ended after {found}"
    return [status for status in found if status is not None]


def _send(peer: socket.socket, stream: bytes, pieces: int) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    size = max(1, len(stream) // pieces)
    # Where it breaks, the server has seen enough.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for at in range(0, len(stream), size):
            peer.sendall(stream[at : at + size])


def _rest(reader: io.BufferedReader) -> bytes:
    try:
        return reader.read()
    except ConnectionResetError:
        return b""


class _Socket:
    """What http.client takes for a socket."""

    def __init__(self, reader: io.BufferedIOBase) -> None:
        self._reader = reader

    def makefile(self, mode: str) -> io.BufferedIOBase:
        return _Open(self._reader)


class _Open(io.BufferedIOBase):
    """Stays open when http.client is done with one answer of several."""

    def __init__(self, reader: io.BufferedIOBase) -> None:
        self._reader = reader

    def read(self, size: int | None = -1, /) -> bytes:
        return self._reader.read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._reader.readline(-1 if size is None else size)

    def close(self) -> None:
        pass


def _status(reader: io.BufferedIOBase) -> int | None:
    """The status of the next answer, its body read; None at the end."""
    answer = http.client.HTTPResponse(_Socket(reader), method="POST")  # type: ignore[arg-type]
    try:
        answer.begin()
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return None
    answer.read()
    return answer.status
