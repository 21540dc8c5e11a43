"""The spans that failed last."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye.sql_files import sql
from query.asking.plain import records
from query.asking.reader import Reader
from query.asking.window import Window
from query.reads import Statement
from query.summaries.of_files import found_in_files
from query.summaries.of_pieces import Memory

COUNT: Final = 10
_COLUMNS: Final = (
    *("trace_id", "span_id", "service_name", "name", "kind", "start_time", "received_time"),
    *("duration_ns", "status_code", "status_message"),
)
_ORDER: Final = [("start_time", "descending"), ("span_id", "ascending")]


def newest_errors(reader: Reader, memory: Memory, window: Window) -> list[dict[str, Any]]:
    """The last ones of the window: they are among the last ones of its files."""
    text = sql("query.health", "newest_errors")
    statement = Statement(
        text, {"spans": _COLUMNS}, {"count": COUNT}, only_selects=True, by_piece=True
    )
    parts = [part for part in found_in_files(reader, memory, statement, window) if part.num_rows]
    if not parts:
        return []
    found = pa.concat_tables(parts)
    first = pa.scalar(window.start_ns, pa.timestamp("ns"))
    found = found.filter(pc.greater_equal(found.column("start_time"), first))
    return records(found.sort_by(_ORDER).slice(0, COUNT))
