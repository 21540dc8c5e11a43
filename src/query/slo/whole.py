"""Answers that must be whole, or be none."""

from goldeneye.errors import DataDamaged
from query.asking.reader import Reader


def require_whole(reader: Reader) -> None:
    """Raises DataDamaged where rows of files are not in the answers."""
    if reader.missing_files:
        files = tuple(sorted(reader.missing_files))
        raise DataDamaged(f"{len(files)} files are missing, such as {files[0]}", files)
