"""What is stored of the minutes of SLOs, and since when there is anything to count."""

from typing import Final

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.window import Window
from query.reads import Reads, Statement
from query.slo.whole import require_whole

_PACKAGE: Final = "query.slo"
# With the time of each row.
_TABLES: Final = {
    "span_rollups": ("minute",),
    "metric_points": ("time", "received_time"),
    "logs": ("time",),
}


def totals(reader: Reader, slo: str, within: Window) -> pa.Table:
    """`minute` since 1970, `good` and `total` of the minutes that have rows.

    Raises what Reader.read raises, and DataDamaged where files are missing.
    """
    columns = ("slo", "minute", "good", "total")
    statement = Statement(sql(_PACKAGE, "totals"), {"slo_minutes": columns}, {"slo": slo})
    (found,) = reader.read(Reads([statement], *within))
    require_whole(reader)
    return found


def oldest_ns(reader: Reader) -> int | None:
    """The time of the oldest span, point or record; None where there is none."""
    in_files = [file.min_time_ns for table in _TABLES for file in reader.files(table, None, None)]
    first_ns = min(in_files, default=None)
    # Only what is in no file can be older, so that no file is read.
    statement = Statement(sql(_PACKAGE, "oldest"), _TABLES)
    (found,) = reader.read(Reads([statement], None, first_ns))
    older_ns: int | None = found.column("oldest_ns")[0].as_py()
    return first_ns if older_ns is None else older_ns
