"""What the view `traces` says of traces whose ids are known, all of their parts counted."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pyarrow as pa

from goldeneye.schemas import PromotedKeys, table
from goldeneye.sql_files import sql
from query.asking.plain import records
from query.asking.reader import Reader
from query.asking.statements import filled
from query.reads import Reads, Statement

_COLUMNS: Final = tuple(table("trace_parts", PromotedKeys()).names)


class Summary(NamedTuple):
    """`start_ns` and `duration_ns` are numbers for sorting; `row` is what is answered."""

    trace_id: str
    start_ns: int
    duration_ns: int
    row: dict[str, object]


def summaries(reader: Reader, trace_ids: Sequence[str]) -> list[Summary]:
    """One for each trace that is there."""
    params = {f"id_{place}": trace_id for place, trace_id in enumerate(trace_ids)}
    if not params:
        return []
    parts = {
        "combined": sql("goldeneye", "combined_trace_parts"),
        "traces": sql("query", "traces").replace("hot.combined_trace_parts", "combined"),
        "trace_ids": ", ".join(f"${name}" for name in params),
    }
    text = filled(sql("query.trace_search", "summaries"), parts)
    asked = Statement(text, {"trace_parts": _COLUMNS}, params)
    [rows] = reader.read(Reads([asked], trace_ids=trace_ids))
    return _summaries(rows)


def _summaries(rows: pa.Table) -> list[Summary]:
    starts = rows["start_time"].cast(pa.int64()).to_pylist()
    ids, durations = rows["trace_id"].to_pylist(), rows["duration_ns"].to_pylist()
    return [
        Summary(trace_id, start_ns, -1 if duration_ns is None else duration_ns, row)
        for trace_id, start_ns, duration_ns, row in zip(
            ids, starts, durations, records(rows), strict=True
        )
    ]
