"""Files that are not what was committed: those that are gone are left out and named."""

import os
from collections.abc import Iterable
from typing import NamedTuple

import structlog

from goldeneye.errors import DataDamaged
from goldeneye.snapshot import FileEntry

log = structlog.get_logger(__name__)


class Sorted(NamedTuple):
    """Files to read, and the paths of those that are gone."""

    present: list[FileEntry]
    missing: list[str]


def sorted_out(files: Iterable[FileEntry]) -> Sorted:
    """Raises DataDamaged where a file has another size than it was committed with."""
    present, missing, wrong = [], [], []
    for file in files:
        size_bytes = _size_bytes(file.path)
        if size_bytes is None:
            missing.append(file.path)
        elif size_bytes != file.size_bytes:
            wrong.append((file.path, f"has {size_bytes} bytes and was {file.size_bytes} long"))
        else:
            present.append(file)
    if missing:
        log.error("an answer lacks the rows of files that are missing", paths=missing)
    if wrong:
        raise damaged(wrong)
    return Sorted(present, missing)


def damaged(files: Iterable[tuple[str, str]]) -> DataDamaged:
    """The error that names each file and what is wrong with it, for the log too."""
    found = dict(files)
    words = "; ".join(f"{path}: {reason}" for path, reason in found.items())
    log.error("data files are damaged", files=found)
    return DataDamaged(
        f"{words}. Queries that need no rows of it are answered. Put it back from a copy; or move "
        "it away, and its link in lake/: then the rest is answered, and the file named as missing",
        tuple(found),
    )


def _size_bytes(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return None
