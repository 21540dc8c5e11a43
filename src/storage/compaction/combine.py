"""Rows of a derived table that belong together become one when their files are merged."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye.limits import MIB
from goldeneye.schemas import PromotedKeys, table
from goldeneye.sql_files import sql
from storage.derived import database

# Of what the worker may take; the inputs' rows and the output come on top of it.
_MEMORY_BYTES: Final = 1024 * MIB
# The order of merged rows, by which columns compress and row groups are left out.
_ORDER: Final = {
    "span_rollups": "minute, service_name, name, kind, status_code, is_root, bucket",
    "trace_parts": "start_time, trace_id",
}


def combined(paths: Sequence[Path], name: str) -> pa.Table:
    """The rows of these files of the table, combined and in the order of merged files.

    Raises OSError, or what pyarrow or DuckDB raise.
    """
    schema = table(name, PromotedKeys())
    with database(_MEMORY_BYTES) as connection:
        connection.from_arrow(pa.concat_tables(map(_read, paths))).create_view(name)
        together = sql("goldeneye", f"combined_{name}")
        rows = connection.sql(f"SELECT * FROM ({together}) ORDER BY {_ORDER[name]}")
        found: pa.Table = rows.to_arrow_table().cast(schema)
    return found


def _read(path: Path) -> pa.Table:
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        return file.read()
