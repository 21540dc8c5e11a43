"""The critical path of one trace."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye.errors import NotFound
from goldeneye.sql_files import sql
from query.asking.plain import records
from query.asking.reader import Reader
from query.bottlenecks.kernel import CORE
from query.traces.lookup import trace_id_of


def critical_path(reader: Reader, trace_id: str, tolerance: float) -> dict[str, Any]:
    """The path from the trace's own root, which is None where no span has times.

    Raises InvalidRequest for what is no trace id, NotFound where there are no spans of it.
    """
    trace_id = trace_id_of(trace_id)
    params = {"trace_id": trace_id, "tolerance": tolerance}
    found = reader.table(sql("query.bottlenecks", "of_trace"), params)
    span_count = found["span_count"][0].as_py()
    if span_count == 0:
        raise NotFound(f"there are no spans of the trace {trace_id}")
    path = found["path"].combine_chunks()
    root = next(iter(_timed(path.field("root").drop_null())), None)
    return {
        "trace_id": trace_id,
        "duration_ns": root and root["duration_ns"],
        "root": root,
        "root_count": path.field("root_count")[0].as_py(),
        "span_count": span_count,
        "sections": _timed(path.field("sections").flatten()),
        "tolerance": tolerance,
        "core": CORE,
    }


def _timed(pieces: pa.StructArray) -> list[dict[str, Any]]:
    table = pa.Table.from_struct_array(pieces)
    start, end = (table[name].cast(pa.int64()) for name in ("start_time", "end_time"))
    return records(table.append_column("duration_ns", pc.subtract(end, start)))
