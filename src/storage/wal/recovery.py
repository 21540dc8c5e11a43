"""Reading segments back: every whole record, whatever lies between them."""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage.wal import record, segment
from storage.wal.record import MARKER, Record, Unreadable


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
        view = _mapped(self.path)
        try:
            segment.check_header(view, self.number)
        except Unreadable as error:
            # A crash between creating a segment and writing its header leaves no record behind.
            if not (self.is_last and len(view) < segment.HEADER_BYTES):
                self.unreadable = str(error)
            return
        yield from self._walk(view)

    def _walk(self, view: memoryview) -> Iterator[Record]:
        offset = segment.HEADER_BYTES
        while offset < len(view):
            try:
                found, offset = record.decode(view, offset)
                yield found
                continue
            except Unreadable as error:
                reason = str(error)
            following = _next_record(view, offset + 1)
            if following is None and self.is_last:
                self.torn_at = offset
                return
            self.damage.append(Damage(self.path, offset, reason))
            if following is None:
                return
            offset = following


def segments(folder: Path) -> list[RecoveredSegment]:
    """The segments of a folder, oldest first."""
    numbers = segment.numbers_in(folder)
    return [
        RecoveredSegment(number, segment.path_of(folder, number), is_last=number == numbers[-1])
        for number in numbers
    ]


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size == 0:
            return memoryview(b"")
        return memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))


def _next_record(view: memoryview, offset: int) -> int | None:
    """Where the next whole record begins; its two checksums leave chance no room."""
    mapped = view.obj
    find = mapped.find
    while (offset := find(MARKER, offset)) >= 0:
        try:
            record.decode(view, offset)
            return offset
        except Unreadable:
            offset += 1
    return None
