"""Decompression: the inverse of each compression, whole, and never more than the limit."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable

import cramjam
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.errors import InvalidRequest, RequestTooLarge
from goldeneye.limits import MIB
from otlp_receiver.codings import DECOMPRESSORS, OFFERED
from otlp_receiver.compression import gunzip, inflate, unzstd
from otlp_receiver.fast_compression import unlz4, unsnappy, unsnappy_framed

Compress = Callable[[bytes], bytes]
Decompress = Callable[[bytes, int], bytes]
LARGE = 100 * MIB
FRAMED_HEADER = b"\xff\x06\x00\x00sNaPpY"


def zstd_stream(data: bytes) -> bytes:
    """Without the content's size in its header, in blocks of its own, with a checksum."""
    compressor = zstandard.ZstdCompressor(
        write_content_size=False, write_checksum=True
    ).compressobj()
    half = len(data) // 2
    parts = [compressor.compress(data[:half])]
    parts.append(compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
    parts.append(compressor.compress(data[half:]))
    return b"".join([*parts, compressor.flush()])


PAIRS: list[tuple[Compress, Decompress]] = [
    (gzip.compress, gunzip),
    (zlib.compress, inflate),
    (zstandard.ZstdCompressor().compress, unzstd),
    (zstd_stream, unzstd),
    (lambda data: bytes(cramjam.snappy.compress_raw(data)), unsnappy),
    (lambda data: bytes(cramjam.lz4.compress(data)), unlz4),
]
each_pair = pytest.mark.parametrize(
    ("compress", "decompress"),
    PAIRS,
    ids=["gzip", "deflate", "zstd", "zstd stream", "snappy", "lz4"],
)
datas = st.binary(max_size=300) | st.builds(
    lambda data, times: data * times, st.binary(max_size=9), st.integers(0, 40_000)
)


@each_pair
@given(data=datas)
def test_it_is_the_inverse(compress: Compress, decompress: Decompress, data: bytes) -> None:
    assert decompress(compress(data), LARGE) == data


@each_pair
@given(data=st.binary(max_size=200))
def test_what_is_cut_off_anywhere_is_refused(
    compress: Compress, decompress: Decompress, data: bytes
) -> None:
    whole = compress(data)
    for size in range(len(whole)):
        with pytest.raises(InvalidRequest):
            decompress(whole[:size], LARGE)


@each_pair
@given(data=st.binary(max_size=200), at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_what_is_changed_never_raises_anything_else(
    compress: Compress, decompress: Decompress, data: bytes, at: int, bit: int
) -> None:
    changed = bytearray(compress(data))
    changed[at % len(changed)] ^= 1 << bit
    try:
        found = decompress(bytes(changed), LARGE)
    except (InvalidRequest, RequestTooLarge):
        return
    # Without a checksum zstd and snappy cannot tell; the others can.
    assert found == data or decompress in (unzstd, unsnappy)


@pytest.mark.parametrize("decompress", [gunzip, inflate, unzstd])
@given(data=st.binary(max_size=100))
def test_garbage_is_refused(decompress: Decompress, data: bytes) -> None:
    try:
        decompress(data, LARGE)
    except (InvalidRequest, RequestTooLarge):
        return
    assert len(data) >= 8, "nothing this short is compressed data"


@pytest.mark.parametrize("decompress", [gunzip, unzstd])
@given(parts=st.lists(st.binary(max_size=50), min_size=1, max_size=4))
def test_several_members_are_read_to_the_end(decompress: Decompress, parts: list[bytes]) -> None:
    compress = gzip.compress if decompress is gunzip else zstandard.ZstdCompressor().compress
    assert decompress(b"".join(compress(part) for part in parts), LARGE) == b"".join(parts)


def test_a_frame_of_zstd_that_is_to_be_skipped_is_skipped() -> None:
    skippable = (0x184D2A53).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    frame = zstandard.ZstdCompressor().compress(b"data")
    assert unzstd(skippable + frame + skippable, LARGE) == b"data"


@each_pair
@pytest.mark.parametrize("size_bytes", [1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_the_limit_is_exact(compress: Compress, decompress: Decompress, size_bytes: int) -> None:
    body = compress(bytes(size_bytes))
    assert decompress(body, size_bytes) == bytes(size_bytes)
    with pytest.raises(RequestTooLarge, match=f"larger than {size_bytes - 1} bytes"):
        decompress(body, size_bytes - 1)


@each_pair
def test_a_bomb_costs_no_more_than_the_limit(compress: Compress, decompress: Decompress) -> None:
    bomb = compress(bytes(256 * MIB))
    limit_bytes = 4 * MIB
    tracemalloc.start()
    try:
        with pytest.raises(RequestTooLarge):
            decompress(bomb, limit_bytes)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 3 * limit_bytes


def test_a_bomb_of_many_members_costs_no_more_than_the_limit() -> None:
    member = gzip.compress(bytes(MIB))
    with pytest.raises(RequestTooLarge):
        gunzip(member * 100, 4 * MIB)


def test_many_small_members_cost_no_more_than_their_sum() -> None:
    """Half a second where each costs the same, a quarter of a minute where each copies the rest."""
    started_s = time.process_time()
    assert gunzip(gzip.compress(b"") * 200_000, MIB) == b""
    assert time.process_time() - started_s < 5


def test_a_window_that_would_cost_too_much_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27, compression_level=1)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    body = compressor.compress(b"data") + compressor.flush()
    with pytest.raises(InvalidRequest, match="zstd"):
        unzstd(body, LARGE)


def test_raw_deflate_is_refused() -> None:
    compressor = zlib.compressobj(wbits=-15)
    with pytest.raises(InvalidRequest, match="zlib format"):
        inflate(compressor.compress(b"data") + compressor.flush(), LARGE)


def test_the_names_are_those_of_http() -> None:
    also = {"x-gzip", "zlib", "x-snappy-framed"}
    assert {*DECOMPRESSORS, "identity"} == {*OFFERED.split(", "), *also}


# snappy's framed format: it has no end, so that what is cut off between chunks is whole


def framed(data: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(data))


@pytest.mark.parametrize("decompress", [unsnappy, unsnappy_framed])
@given(data=datas)
def test_framed_snappy_is_read_under_both_names(decompress: Decompress, data: bytes) -> None:
    body = framed(data) or FRAMED_HEADER
    assert decompress(body, LARGE) == data
    assert decompress(body * 2, LARGE) == data * 2
    assert decompress(body, len(data)) == data
    if data:
        with pytest.raises(RequestTooLarge):
            decompress(body, len(data) - 1)
        with pytest.raises(InvalidRequest):
            decompress(body[:-1], LARGE)


def test_framed_snappy_needs_its_header() -> None:
    for body in (b"", framed(b"data")[10:], cramjam.snappy.compress_raw(b"data")):
        with pytest.raises(InvalidRequest, match="framed"):
            unsnappy_framed(bytes(body), LARGE)


def test_framed_snappy_that_lies_or_is_damaged_is_refused() -> None:
    data = bytes(range(200))
    whole = framed(data)
    for at in range(len(whole)):
        damaged = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        with pytest.raises((InvalidRequest, RequestTooLarge)):
            unsnappy_framed(damaged, LARGE)


def test_a_framed_snappy_bomb_costs_no_more_than_the_limit() -> None:
    bomb = framed(bytes(64 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(RequestTooLarge):
            unsnappy(bomb, 4 * MIB)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4 * MIB


def test_a_snappy_block_is_believed_only_up_to_the_limit() -> None:
    with pytest.raises(RequestTooLarge):
        unsnappy(b"\xff\xff\xff\xff\x0f", LARGE)


def test_chunks_without_end_are_refused_before_they_take_long() -> None:
    padding = b"\xfe\x00\x00\x00"
    assert unsnappy(FRAMED_HEADER + padding * 1_000 + framed(b"data"), LARGE) == b"data"
    with pytest.raises(InvalidRequest, match="chunks"):
        unsnappy(FRAMED_HEADER + padding * 1_000_000, LARGE)
