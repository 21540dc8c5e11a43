"""Which of a query's files made it fail: DuckDB names the file for some kinds of damage only."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

# Files are read one after the other for as long; the query's own deadline goes on.
_SEARCH_S: Final = 5.0
_MAX_REASON_CHARS: Final = 300


class FilesDamaged(Exception):
    """`files` are (path, reason)."""

    def __init__(self, files: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {reason}" for path, reason in files))
        self.files = files


def damaged_files(error: duckdb.Error, tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those that the error names, or else those that pyarrow cannot read; none for other errors.

    `tables` are the job's.
    """
    paths = [path for own in tables.values() for group in own["groups"] for path in group["paths"]]
    message = str(error)
    # A mistake in the SQL has a class of its own.
    if not (type(error) is duckdb.Error or isinstance(error, _OF_FILES)):
        return []
    named = [path for path in paths if path in message]
    if named:
        return [(path, message[:_MAX_REASON_CHARS]) for path in named]
    if isinstance(error, duckdb.InvalidInputException):
        return []
    return list(_unreadable(paths))


def _unreadable(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    until_s = time.monotonic() + _SEARCH_S
    for path in paths:
        if time.monotonic() > until_s:
            return
        try:
            _read(path)
        except (OSError, ValueError, MemoryError, pa.ArrowException) as error:
            yield path, str(error)[:_MAX_REASON_CHARS]


def _read(path: str) -> None:
    """Every page, its checksum verified, in this thread alone."""
    with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
        for _ in file.iter_batches(use_threads=False):
            pass


_OF_FILES: Final = (duckdb.IOException, duckdb.InvalidInputException, duckdb.InternalException)
