"""What `goldeneye.connect` does; apart, since the package itself is to be imported quickly."""

from pathlib import Path

import duckdb

from goldeneye.config import Config
from goldeneye.offline import opened
from goldeneye.schemas import DEFAULT_TENANT
from query import notebook
from query.asking.window import open_window


def connection(data_dir: Path, start: str | None, end: str | None) -> duckdb.DuckDBPyConnection:
    """See goldeneye.connect."""
    with opened(data_dir, read_only=True) as folder:
        bounds = open_window(start, end, folder.clock.now_ns())
        with folder.storage.snapshot(DEFAULT_TENANT) as snapshot:
            return notebook.connection(snapshot, Config().promoted(), *bounds)
