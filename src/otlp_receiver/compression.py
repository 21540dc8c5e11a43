"""Decompression with the limit kept while it runs: a bomb costs no more than the limit."""

import zlib
from collections.abc import Callable
from typing import Final, Protocol

import zstandard

from goldeneye.errors import InvalidRequest, RequestTooLarge

GZIP_MAGIC: Final = b"\x1f\x8b"
_STEP_BYTES: Final = 1 << 20
# What follows a member is copied at its end, so that many small ones must not each copy the rest.
_INPUT_BYTES: Final = 16_384
# The window that RFC 8878 recommends decoders to bound themselves to.
_ZSTD_MAX_WINDOW_BYTES: Final = 8 << 20
_ZSTD_MAX_FRAME_HEADER_BYTES: Final = 18
_ZSTD_SKIPPABLE_MAGIC: Final = 0x184D2A50
_ZSTD_RLE_BLOCK: Final = 1


class _Decompressor(Protocol):
    """zlib's decompression object, as far as it is used here."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def gunzip(body: bytes, max_bytes: int) -> bytes:
    """All members of a gzip body."""
    return _inflate(body, max_bytes, lambda: zlib.decompressobj(16 + zlib.MAX_WBITS), "gzip")


def inflate(body: bytes, max_bytes: int) -> bytes:
    """`deflate`, which in HTTP means the zlib format (RFC 9110)."""
    return _inflate(body, max_bytes, lambda: zlib.decompressobj(), "deflate (zlib format)")


def unzstd(body: bytes, max_bytes: int) -> bytes:
    """All frames of a zstd body."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_MAX_WINDOW_BYTES)
    found = bytearray()
    try:
        _check_zstd_is_whole(body)
        with decompressor.stream_reader(body, read_across_frames=True) as reader:
            while chunk := reader.read(_STEP_BYTES):
                _extend(found, chunk, max_bytes)
    except zstandard.ZstdError as error:
        raise InvalidRequest(f"the body is not valid zstd: {error}") from None
    return bytes(found)


def _check_zstd_is_whole(body: bytes) -> None:
    """The stream reader does not tell a body that is cut off; its blocks' headers do (RFC 8878)."""
    at = 0
    while at < len(body) or not body:
        at = _zstd_frame_end(body, at)
        if at > len(body) or not body:
            raise zstandard.ZstdError("it is cut off")


def _zstd_frame_end(body: bytes, at: int) -> int:
    head = body[at : at + _ZSTD_MAX_FRAME_HEADER_BYTES]
    if int.from_bytes(head[:4], "little") & 0xFFFFFFF0 == _ZSTD_SKIPPABLE_MAGIC:
        return at + 8 + int.from_bytes(head[4:8], "little")
    has_checksum = zstandard.get_frame_parameters(head).has_checksum
    at += zstandard.frame_header_size(head)
    last = 0
    while not last and at < len(body):
        header = int.from_bytes(body[at : at + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        at += 3 + (1 if kind == _ZSTD_RLE_BLOCK else size)
    return at + 4 * has_checksum if last else len(body) + 1


def _inflate(body: bytes, max_bytes: int, make: Callable[[], _Decompressor], name: str) -> bytes:
    found, at = bytearray(), 0
    try:
        while at < len(body) or not at:
            at = _member(body, at, found, make(), max_bytes)
    except zlib.error as error:
        raise InvalidRequest(f"the body is not valid {name}: {error}") from None
    return bytes(found)


def _member(
    body: bytes, at: int, found: bytearray, decompressor: _Decompressor, max_bytes: int
) -> int:
    """Decompress the member that begins at `at` into `found`; where it ends."""
    while not decompressor.eof:
        given = body[at : at + _INPUT_BYTES]
        if not given:
            raise zlib.error("it is cut off")
        at += len(given)
        chunk = b""
        # A full chunk may not have been all that there is.
        while not decompressor.eof and (given or len(chunk) == _STEP_BYTES):
            chunk = decompressor.decompress(given, _STEP_BYTES)
            _extend(found, chunk, max_bytes)
            given = decompressor.unconsumed_tail
    return at - len(decompressor.unused_data)


def _extend(found: bytearray, chunk: bytes, max_bytes: int) -> None:
    if len(found) + len(chunk) > max_bytes:
        raise too_large(max_bytes)
    found += chunk


def too_large(max_bytes: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"the request is larger than {max_bytes} bytes after decompression; send smaller batches"
    )
