"""Reading segments back: every whole record, whatever lies between them."""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage.wal import record, segment
from storage.wal.record import MARKER, Record, Unreadable

Data = bytes | mmap.mmap


@dataclass(frozen=True)
class Damage:
    """A place in a segment that holds no record, though one should be there."""

    path: Path
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.path} at byte {self.offset}: {self.reason}"


@dataclass
class RecoveredSegment:
    """One segment. `damage` is filled while `records` is read to its end.

    `unreadable` says why nothing of it can be read (another version, no segment at all).
    """

    number: int
    path: Path
    is_last: bool
    unreadable: str | None = None
    damage: list[Damage] = field(default_factory=list)
    torn_at: int | None = None

    def records(self) -> Iterator[Record]:
        """Every whole record in order; bodies are views that live as long as they are held."""
        if self.unreadable is None:
            data = _mapped(self.path)
            yield from self._walk(data, memoryview(data))

    def _walk(self, data: Data, view: memoryview) -> Iterator[Record]:
        offset = segment.HEADER_BYTES
        while offset < len(view):
            try:
                found, offset = record.decode(view, offset)
                yield found
                continue
            except Unreadable as error:
                reason = str(error)
            following = _next_record(data, view, offset + 1)
            if following is None and self.is_last:
                self.torn_at = offset
                return
            self.damage.append(Damage(self.path, offset, reason))
            if following is None:
                return
            offset = following


def segments(folder: Path) -> list[RecoveredSegment]:
    """The segments of a folder, oldest first; the last is the newest that can be read."""
    found = [
        RecoveredSegment(number, segment.path_of(folder, number), is_last=False)
        for number in segment.numbers_in(folder)
    ]
    for item in found:
        item.unreadable = _fault(item)
    readable = [item for item in found if item.unreadable is None]
    if readable:
        readable[-1].is_last = True
    return found


def _fault(item: RecoveredSegment) -> str | None:
    """Why a segment cannot be read at all."""
    with item.path.open("rb") as file:
        header = file.read(segment.HEADER_BYTES)
    # A crash between creating a segment and writing its header leaves no record behind.
    if len(header) < segment.HEADER_BYTES and segment.encode_header(item.number).startswith(header):
        return None
    try:
        segment.check_header(memoryview(header), item.number)
    except Unreadable as error:
        return str(error)
    return None


def _mapped(path: Path) -> Data:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def _next_record(data: Data, view: memoryview, offset: int) -> int | None:
    """Where the next whole record begins; its two checksums leave chance no room."""
    while (offset := data.find(MARKER, offset)) >= 0:
        try:
            record.decode(view, offset)
            return offset
        except Unreadable:
            offset += 1
    return None
