"""Reading segments back: every whole record, whatever lies between them."""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from storage.file_system import FileSystem
from storage.wal import record, segment
from storage.wal.record import MARKER, AnyRecord, Unreadable

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

    `may_be_torn`: it is the last that its process wrote. `unreadable` says why nothing of it can be
    read (another version, no segment at all).
    """

    number: int
    path: Path
    may_be_torn: bool
    unreadable: str | None = None
    damage: list[Damage] = field(default_factory=list)
    torn_at: int | None = None

    def records(self) -> Iterator[AnyRecord]:
        """Every whole record in order; bodies are views that live as long as they are held."""
        if self.unreadable is None:
            data = _mapped(self.path)
            yield from self._walk(data, memoryview(data))

    def _walk(self, data: Data, view: memoryview) -> Iterator[AnyRecord]:
        offset = segment.HEADER_BYTES
        while offset < len(view):
            try:
                found, offset = record.decode(view, offset)
                yield found
                continue
            except Unreadable as error:
                reason = str(error)
            following = _next_record(data, view, offset + 1)
            if following is None and self.may_be_torn:
                self.torn_at = offset
                return
            self.damage.append(Damage(self.path, offset, reason))
            if following is None:
                return
            offset = following


def segments(folder: Path) -> list[RecoveredSegment]:
    """The segments of a folder, oldest first."""
    found = []
    # The newest that can be read is the last of its process, as are those before a first one.
    may_be_torn = True
    for number in reversed(segment.numbers_in(folder)):
        path = segment.path_of(folder, number)
        with path.open("rb") as file:
            header = file.read(segment.HEADER_BYTES)
        item = RecoveredSegment(number, path, may_be_torn, _fault(header, number))
        found.append(item)
        if item.unreadable is None:
            may_be_torn = segment.is_first(header)
    return found[::-1]


def make_durable(fs: FileSystem, folder: Path) -> None:
    """What is read back may be in the system's memory only, and is about to be relied upon."""
    for number in segment.numbers_in(folder):
        fs.sync_file(segment.path_of(folder, number))
    fs.sync_folder(folder)


def _fault(header: bytes, number: int) -> str | None:
    """Why a segment cannot be read at all."""
    # A crash between creating a segment and writing its header leaves no record behind.
    if segment.is_unwritten(header, number):
        return None
    try:
        segment.check_header(memoryview(header), number)
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
