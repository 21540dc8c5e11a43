"""The log's part of a backup: the segments whose rows are in no file that the backup has.

They are taken before the catalog is copied: what has left the log by then is in its files.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from storage.backup.placing import Placer
from storage.catalog import Fate
from storage.file_system import FileSystem
from storage.wal import segment
from storage.wal.recovery import RecoveredSegment


def take(fs: FileSystem, placer: Placer, source: Path, target: Path) -> list[int]:
    """The segments that are there, oldest first; the last may be open, and is copied as it is."""
    taken = []
    numbers = segment.numbers_in(source)
    for number in numbers:
        path, copy = segment.path_of(source, number), segment.path_of(target, number)
        with suppress(FileNotFoundError):
            if number == numbers[-1]:
                placer.copy(path, copy, _whole_bytes(number, path))
            else:
                placer.place(path, copy)
                fs.sync_file(copy)  # the log's own mode may have left that to the kernel
            taken.append(number)
    return taken


def drop_covered(
    fs: FileSystem, source: Path, target: Path, taken: list[int], fates: Mapping[int, Fate]
) -> list[int]:
    """Delete the segments whose rows the catalog has in files; those that stay.

    `fates` are of the catalog that was copied after `take`.
    """
    kept = []
    for number in taken:
        if _is_covered(number, source, fates):
            fs.unlink(segment.path_of(target, number))
        else:
            kept.append(number)
    return kept


def _is_covered(number: int, source: Path, fates: Mapping[int, Fate]) -> bool:
    if number in fates:
        return fates[number] == "covered"
    # Segments are covered in order, and the greatest that is stays known: one below it that is
    # not known was covered, deleted and forgotten. What cannot be read is not deleted.
    return number < max(fates, default=0) and not segment.path_of(source, number).exists()


def _whole_bytes(number: int, path: Path) -> int:
    """How long the segment is up to its last whole record."""
    found = RecoveredSegment(number, path, may_be_torn=True)
    size_bytes = path.stat().st_size
    for _ in found.records():
        pass
    return size_bytes if found.torn_at is None else min(size_bytes, found.torn_at)
