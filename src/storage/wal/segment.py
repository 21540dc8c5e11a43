"""A segment's name and its first 64 bytes.

offset  bytes  field, integers little-endian
0       8      magic "GOLDWAL" and a zero
8       4      version, 1
12      4      flags: 1 in the first segment that a process writes
16      8      the segment's number
24      36     zero
60      4      CRC-32 of bytes 0 to 59
"""

import struct
import zlib
from pathlib import Path
from typing import Final

from storage.wal.record import Unreadable

MAGIC: Final = b"GOLDWAL\0"
VERSION: Final = 1
HEADER_BYTES: Final = 64
SUFFIX: Final = ".wal"
_FIRST: Final = 1
_FIELDS: Final = struct.Struct("<8sIIQ36x")
_CHECKSUM: Final = struct.Struct("<I")


def path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:020d}{SUFFIX}"


def numbers_in(folder: Path) -> list[int]:
    """The segments of a folder, oldest first."""
    return sorted(
        int(path.stem)
        for path in folder.glob(f"*{SUFFIX}")
        if path.stem.isascii() and path.stem.isdigit()
    )


def encode_header(number: int, is_first: bool) -> bytes:
    """`is_first`: of those that this process writes."""
    fields = _FIELDS.pack(MAGIC, VERSION, _FIRST if is_first else 0, number)
    return fields + _CHECKSUM.pack(zlib.crc32(fields))


def is_first(header: bytes) -> bool:
    """Whether another process, or none, wrote the segment before; so for one cut off in its header.

    The header is one that was checked, or that `is_unwritten`.
    """
    return len(header) < HEADER_BYTES or not header.startswith(MAGIC) or bool(header[12] & _FIRST)


def is_unwritten(header: bytes, number: int) -> bool:
    """Whether these are the first bytes of that segment as far as they were written: else zero."""
    return any(
        all(byte in (0, right) for byte, right in zip(header, wanted, strict=False))
        for wanted in (encode_header(number, is_first) for is_first in (False, True))
    )


def check_header(segment: memoryview, number: int) -> None:
    """Raise Unreadable where these are not the first bytes of that segment."""
    if len(segment) < HEADER_BYTES:
        raise Unreadable("it is shorter than a segment's header")
    magic, version, _, found = _FIELDS.unpack_from(segment)
    if magic != MAGIC:
        raise Unreadable("it is no segment of Goldeneye's")
    if version != VERSION:
        raise Unreadable(f"it has version {version}; this Goldeneye reads {VERSION}")
    (checksum,) = _CHECKSUM.unpack_from(segment, _FIELDS.size)
    if zlib.crc32(segment[: _FIELDS.size]) != checksum:
        raise Unreadable("its header's checksum is wrong")
    if found != number:
        raise Unreadable(f"it is segment {found} under another's name")
