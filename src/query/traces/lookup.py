"""The rows of one trace as they are stored."""

import re
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import InvalidRequest, NotFound
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.reads import Reads, Statement

_ID: Final = re.compile(r"[0-9a-f]{32}")
_NONE: Final = "0" * 32
# The bounds' names in limits.py.
_MOST: Final = {"spans": "MAX_TRACE_SPANS", "logs": "MAX_TRACE_LOGS"}
_TIME: Final = {"spans": "start_time", "logs": "time"}


@dataclass(frozen=True)
class TraceRows:
    """Spans by start and logs by time, the earliest ones where `truncated` and `logs_truncated`.

    Promoted columns without a value may be left out.
    """

    trace_id: str
    spans: pa.Table
    truncated: bool
    logs: pa.Table
    logs_truncated: bool


def trace_id_of(written: str) -> str:
    """The id in lower case; raises InvalidRequest where it is none."""
    trace_id = written.lower()
    if not _ID.fullmatch(trace_id):
        shown = written if len(written) <= 64 else f"{written[:64]}…"
        raise InvalidRequest(
            f"trace_id: {shown!r} is no trace id: 32 hexadecimal digits are expected, "
            f"these are {len(written)} characters"
        )
    if trace_id == _NONE:
        raise InvalidRequest("trace_id: zeros only stand for no trace")
    return trace_id


def lookup(reader: Reader, trace_id: str, with_logs: bool = True) -> TraceRows:
    """All that is there of the trace, up to the bounds of limits.py.

    Raises InvalidRequest for what is no trace id, NotFound where there are no spans of it.
    """
    trace_id = trace_id_of(trace_id)
    tables = _MOST if with_logs else ("spans",)
    asked = [_statement(table, trace_id, "of_trace") for table in tables]
    rows = reader.read(Reads(asked, trace_ids=[trace_id]))
    if rows[0].num_rows == 0:
        raise NotFound(f"there are no spans of the trace {trace_id}")
    found = [_first(reader, trace_id, *each) for each in zip(tables, rows, strict=True)]
    spans, logs = found if with_logs else (*found, (pa.table({}), False))
    return TraceRows(trace_id, *spans, *logs)


def _first(reader: Reader, trace_id: str, table: str, rows: pa.Table) -> tuple[pa.Table, bool]:
    """In the order of time, and whether there are more than the bound."""
    most = getattr(limits, _MOST[table])
    if rows.num_rows > most:
        # Sorting and cutting in SQL costs every other trace a tenth of its time.
        asked = _statement(table, trace_id, "start_of_trace")
        [rows] = reader.read(Reads([asked], trace_ids=[trace_id]))
        return rows, True
    return (rows.sort_by(_TIME[table]) if rows.num_rows else rows), False


def _statement(table: str, trace_id: str, name: str) -> Statement:
    most: int = getattr(limits, _MOST[table])
    params: dict[str, Any] = {"trace_id": trace_id}
    if name == "start_of_trace":
        params["limit"] = most
    text = sql("query.traces", f"{table}_{name}")
    whole = trace_id if name == "of_trace" else None
    return Statement(text, {table: None}, params, True, most + 1, all_of_trace=whole)
