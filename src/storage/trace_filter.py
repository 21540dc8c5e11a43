"""Whether a file may have a trace: a split-block Bloom filter beside it (docs/format.md).

A look reads one sector of the file, which checks itself: nothing is kept in memory, and what is
missing or damaged is told from what is right. Looks are not by memory map: a disk that fails
would end the process instead of raising OSError.
"""

import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

# Which block has an id's bits, of 2**32, and these eight bits; None for an id that is not 32 bytes
# long, which may be anywhere.
TraceHash = tuple[int, int] | None
_Hashes = NDArray[np.uint64]

SUFFIX: Final = ".traces"
_MAGIC: Final = b"GTRC"
_VERSION: Final = 1
BITS_PER_TRACE: Final = 12
_ID_BYTES: Final = 32
_BLOCK_BYTES: Final = 32
_BLOCKS: Final = 15  # in a sector; its trailer takes the sixteenth's place
_SECTOR_BYTES: Final = 512
_TRAILER: Final = struct.Struct("<4sIII12x")
_CHECKSUM: Final = struct.Struct("<I")
_ID_WORDS: Final = struct.Struct("<4Q")

# Those of Parquet's specification.
_SALT: Final = (
    *(0x47B6137B, 0x44974D91, 0x8824AD5B, 0xA2B7289D),
    *(0x705495C7, 0x2DF1424B, 0x9EFC4947, 0x5C6BFB31),
)
_MULTIPLIER: Final = 0x9E3779B97F4A7C15
_64_BITS: Final = (1 << 64) - 1
_32_BITS: Final = (1 << 32) - 1
# Bounds what their masks take at once.
_HASHES_AT_ONCE: Final = 1 << 18


class TraceFilterBuilder:
    """Gathers a file's ids; keeps eight bytes for each that is distinct in its batch."""

    def __init__(self) -> None:
        self._hashes: list[_Hashes] = []
        self._any_length = False

    def add(self, ids: pa.Array | pa.ChunkedArray) -> None:
        """The ids of some rows, of type string; those that are null are in no trace."""
        given = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
        try:
            fixed = given.drop_null().cast(pa.binary()).cast(pa.binary(_ID_BYTES))
        except pa.ArrowInvalid:
            self._any_length = True
            return
        if len(fixed):
            words = np.frombuffer(fixed.buffers()[1], "<u8", 4 * len(fixed), fixed.offset * 32)
            self._hashes.append(np.unique(_hashes(words.reshape(-1, 4))))

    def encoded(self) -> bytes:
        """The filter's file."""
        if self._any_length:
            return _encoded(np.full((_BLOCKS, 8), _32_BITS, np.uint32))
        distinct = np.unique(np.concatenate([*self._hashes, np.empty(0, np.uint64)]))
        sectors = -(-len(distinct) * BITS_PER_TRACE // (_BLOCKS * _BLOCK_BYTES * 8)) or 1
        blocks = np.zeros((sectors * _BLOCKS, 8), np.uint32)
        for start in range(0, len(distinct), _HASHES_AT_ONCE):
            _insert(blocks, distinct[start : start + _HASHES_AT_ONCE])
        return _encoded(blocks)


def filter_of(file: pa.Buffer | Path) -> bytes:
    """The filter's file, of a Parquet file that there is already. Raises what pyarrow raises."""
    source = file if isinstance(file, Path) else pa.BufferReader(file)
    builder = TraceFilterBuilder()
    with pq.ParquetFile(source) as parquet:
        for batch in parquet.iter_batches(columns=["trace_id"]):
            builder.add(batch.column(0))
    return builder.encoded()


def path_of(file: Path) -> Path:
    """Where the filter of a Parquet file is."""
    return file.with_suffix(SUFFIX)


def name_of(file: str) -> str:
    """`path_of` for many: a path object costs more than the look."""
    return file.removesuffix(".parquet") + SUFFIX


def trace_hash(trace_id: str) -> TraceHash:
    """What `may_have` asks for."""
    data = trace_id.encode("utf-8", "surrogatepass")
    if len(data) != _ID_BYTES:
        return None
    found = 0
    for word in _ID_WORDS.unpack(data):
        found = (found ^ word) * _MULTIPLIER & _64_BITS
        found ^= found >> 32
    found = found * _MULTIPLIER & _64_BITS
    found ^= found >> 29
    bits = ((found & _32_BITS) * salt & _32_BITS for salt in _SALT)
    return found >> 32, sum(1 << 32 * word + (bit >> 27) for word, bit in enumerate(bits))


def may_have(path: Path | str, wanted: Iterable[TraceHash]) -> bool:
    """False where the filter says that its file has none of these ids.

    Raises OSError where it is missing or cannot be read, ValueError where it is damaged or newer.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sectors, rest = divmod(os.fstat(fd).st_size, _SECTOR_BYTES)
        if rest or not sectors:
            raise ValueError(f"{path}: is cut off")
        return any(found is None or _is_in(fd, path, sectors, *found) for found in wanted)
    finally:
        os.close(fd)


def _is_in(fd: int, path: Path | str, sectors: int, where: int, bits: int) -> bool:
    number, place = divmod(where * sectors * _BLOCKS >> 32, _BLOCKS)
    sector = os.pread(fd, _SECTOR_BYTES, number * _SECTOR_BYTES)
    _check_sector(sector, path, sectors, number)
    start = place * _BLOCK_BYTES
    return int.from_bytes(sector[start : start + _BLOCK_BYTES], "little") & bits == bits


def _check_sector(sector: bytes, path: Path | str, sectors: int, number: int) -> None:
    """Raises ValueError where this is not that sector of so many."""
    checksum = zlib.crc32(sector[: -_CHECKSUM.size])
    if len(sector) < _SECTOR_BYTES or sector[-_CHECKSUM.size :] != _CHECKSUM.pack(checksum):
        raise ValueError(f"{path}: sector {number} is damaged")
    trailer = _TRAILER.unpack_from(sector, _BLOCKS * _BLOCK_BYTES)
    if trailer != (_MAGIC, _VERSION, sectors, number):
        raise ValueError(f"{path}: sector {number} is of another filter, or of another version")


def _hashes(words: NDArray[np.uint64]) -> _Hashes:
    """`trace_hash` of ids given as four numbers each."""
    multiplier = np.uint64(_MULTIPLIER)
    found = np.zeros(len(words), np.uint64)
    for column in range(4):
        found = (found ^ words[:, column]) * multiplier
        found ^= found >> np.uint64(32)
    found *= multiplier
    return found ^ found >> np.uint64(29)


def _insert(blocks: NDArray[np.uint32], hashes: _Hashes) -> None:
    """`hashes` ascend, so that those of one block are neighbours."""
    places = (hashes >> np.uint64(32)) * np.uint64(len(blocks)) >> np.uint64(32)
    low = hashes.astype(np.uint32)
    bits = low[:, None] * np.array(_SALT, np.uint32) >> np.uint32(27)
    masks = np.left_shift(np.uint32(1), bits)
    starts = np.flatnonzero(np.diff(places, prepend=np.uint64(_64_BITS)))
    blocks[places[starts]] |= np.bitwise_or.reduceat(masks, starts, axis=0)


def _encoded(blocks: NDArray[np.uint32]) -> bytes:
    data = blocks.astype("<u4", copy=False).tobytes()
    size, sectors = _BLOCKS * _BLOCK_BYTES, len(blocks) // _BLOCKS
    return b"".join(
        _sector(data[number * size : (number + 1) * size], sectors, number)
        for number in range(sectors)
    )


def _sector(blocks: bytes, sectors: int, number: int) -> bytes:
    checked = blocks + _TRAILER.pack(_MAGIC, _VERSION, sectors, number)
    return checked + _CHECKSUM.pack(zlib.crc32(checked))
