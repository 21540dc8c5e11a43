"""Of which times rows came since an instant, found in the files that can have such rows."""

from collections.abc import Collection, Mapping
from typing import Final

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.reads import Reads, Statement
from query.slo.whole import require_whole
from query.tables import TIME

_PACKAGE: Final = "query.slo"
# What SLOs count, with the columns that tell what came of when.
COLUMNS: Final = {
    "spans": ("service_name", "start_time", "received_time"),
    "logs": ("time", "received_time"),
    "metric_points": ("time", "received_time"),
}
_MINUTE_NS: Final = 60_000_000_000
_DAY_MINUTES: Final = 1_440
# Of many services: an import is told by each one's minutes and hours.
_MOST_ROWS: Final = 2_000_000


def arrived(
    reader: Reader, tables: Collection[str], since_ns: int, within: Window
) -> Mapping[str, pa.Table]:
    """By table `service` (of spans; else empty), `first`, `minutes`, `received` (a minute) and
    `row_count`: how many rows of `minutes` from `first` on were received in that minute. Times are
    in minutes since 1970; those of the window's last day are told one by one, others by hours.

    Raises what Reader.read raises, and DataDamaged where files are missing.
    """
    names = sorted(tables)
    fine = within.end_ns // _MINUTE_NS - _DAY_MINUTES
    params = {"since_ns": since_ns, "fine": fine - fine % 60}
    asked = [
        Statement(_text(name), {name: COLUMNS[name]}, params, only_selects=True) for name in names
    ]
    reads = Reads(asked, *within, max_rows=_MOST_ROWS, received_since_ns=since_ns)
    found = reader.read(reads)
    require_whole(reader)
    return {name: rows for name, rows in zip(names, found, strict=True) if rows.num_columns}


def _text(table: str) -> str:
    places = {
        "table": table,
        "service": "service_name" if table == "spans" else "''",
        "time": TIME[table].expression,
    }
    return filled(sql(_PACKAGE, "arrived"), places)
