"""Goldeneye joins the receiver, the storage and the query layer into one process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__version__ = "0.1.0"


def connect(
    data_dir: str | Path, start: str | None = None, end: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with the tables of a data folder as they are now, for notebooks.

    It only reads, also beside a running server, and has what that had acknowledged. `start`
    (inclusive) and `end` (exclusive) bound the rows: RFC 3339, Unix seconds, or `now-1h`; few
    files are quicker than many. Files that the server merges or lets go stay for ten minutes:
    connect again for what has come since. Raises StartupError where there is no such folder.
    """
    from goldeneye.notebook import connection

    return connection(Path(data_dir), start, end)
