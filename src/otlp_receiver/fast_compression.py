"""snappy and lz4, for Collectors that are set to them.

What a body becomes is known, or bounded by the buffer for it, before any of it is decompressed.
"""

from collections.abc import Callable
from typing import Final

import cramjam

from goldeneye.errors import InvalidRequest
from otlp_receiver.compression import too_large

_SNAPPY_STREAM_HEADER: Final = b"\xff\x06\x00\x00sNaPpY"
_CHUNK_HEADER_BYTES: Final = 4
_CHECKSUM_BYTES: Final = 4
_COMPRESSED_CHUNK: Final = 0
_PLAIN_CHUNK: Final = 1
# A length is a varint of 32 bits.
_MAX_LENGTH_BYTES: Final = 5
# 64 MiB are a thousand whole chunks; this is for writers that flush after every line.
_MAX_CHUNKS: Final = 100_000
# A byte of an lz4 block tells of at most this many.
_LZ4_MAX_RATIO: Final = 255
# What the library says where its output does not fit the buffer.
_FULL: Final = "failed to write whole buffer"


def unsnappy(body: bytes, max_bytes: int) -> bytes:
    """The block format, or the framed one, which old Collectors sent under the same name."""
    if body.startswith(_SNAPPY_STREAM_HEADER):
        return unsnappy_framed(body, max_bytes)
    length = _block_length(body)
    return _decompress(cramjam.snappy.decompress_raw_into, body, length, max_bytes, "snappy")


def unsnappy_framed(body: bytes, max_bytes: int) -> bytes:
    """All chunks of the framing format, their checksums verified."""
    length = _framed_length(body)
    return _decompress(
        cramjam.snappy.decompress_into, body, length, max_bytes, "snappy (framed format)"
    )


def unlz4(body: bytes, max_bytes: int) -> bytes:
    """All frames of an lz4 body, which do not say what they become."""
    length = min(_LZ4_MAX_RATIO * len(body), max_bytes)
    return _decompress(cramjam.lz4.decompress_into, body, length, max_bytes, "lz4")


def _decompress(
    into: Callable[[bytes, bytearray], int], body: bytes, length: int, max_bytes: int, name: str
) -> bytes:
    """Decompress into a buffer of `length`, which is never larger than the limit."""
    if length > max_bytes:
        raise too_large(max_bytes)
    buffer = bytearray(length)
    try:
        size_bytes = into(body, buffer)
    except cramjam.DecompressionError as error:
        if str(error) == _FULL:
            raise too_large(max_bytes) from None
        raise InvalidRequest(f"the body is not valid {name}: {error}") from None
    with memoryview(buffer) as found:
        return bytes(found[:size_bytes])


def _block_length(block: bytes) -> int:
    """What a block says it becomes; 0 where it says nothing, which the library then refuses."""
    try:
        return int(cramjam.snappy.decompress_raw_len(block[:_MAX_LENGTH_BYTES]))
    except cramjam.DecompressionError as error:
        raise InvalidRequest(f"the body is not valid snappy: {error}") from None


def _framed_length(body: bytes) -> int:
    """The sum of what all chunks become; the library holds each to its word."""
    if not body.startswith(_SNAPPY_STREAM_HEADER):
        raise InvalidRequest("the body is not valid snappy (framed format): it has no header")
    at = length = chunks = 0
    while at + _CHUNK_HEADER_BYTES <= len(body):
        chunks += 1
        if chunks > _MAX_CHUNKS:
            raise InvalidRequest(f"the body has more than {_MAX_CHUNKS} snappy chunks")
        kind, size_bytes = body[at], int.from_bytes(body[at + 1 : at + 4], "little")
        at += _CHUNK_HEADER_BYTES
        if kind == _PLAIN_CHUNK:
            length += max(size_bytes - _CHECKSUM_BYTES, 0)
        elif kind == _COMPRESSED_CHUNK:
            start = at + _CHECKSUM_BYTES
            length += _block_length(body[start : start + _MAX_LENGTH_BYTES])
        at += size_bytes
    return length
