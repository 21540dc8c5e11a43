"""What the view `traces` says of traces whose ids are known, all of their parts counted."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from goldeneye.limits import MAX_TRACES_LOOKED_UP
from goldeneye.sql_files import sql
from query.asking.plain import records
from query.asking.reader import Reader
from query.asking.statements import filled


class Summary(NamedTuple):
    """`start_ns` and `duration_ns` are numbers for sorting; `row` is what is answered."""

    trace_id: str
    start_ns: int
    duration_ns: int
    row: dict[str, object]


def summaries(reader: Reader, trace_ids: Sequence[str]) -> list[Summary]:
    """One for each trace that is there. Few ids at a time are found by the files' filters."""
    found: list[Summary] = []
    for start in range(0, len(trace_ids), MAX_TRACES_LOOKED_UP):
        some = trace_ids[start : start + MAX_TRACES_LOOKED_UP]
        params = {f"id_{place}": trace_id for place, trace_id in enumerate(some)}
        names = ", ".join(f"${name}" for name in params)
        statement = filled(sql("query.trace_search", "summaries"), {"trace_ids": names})
        found += _summaries(reader.table(statement, params))
    return found


def _summaries(rows: pa.Table) -> list[Summary]:
    starts = rows["start_time"].cast(pa.int64()).to_pylist()
    ids, durations = rows["trace_id"].to_pylist(), rows["duration_ns"].to_pylist()
    return [
        Summary(trace_id, start_ns, -1 if duration_ns is None else duration_ns, row)
        for trace_id, start_ns, duration_ns, row in zip(
            ids, starts, durations, records(rows), strict=True
        )
    ]
