"""The rows of one trace as they are stored."""

import re
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import InvalidRequest, NotFound
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.reads import Reads, Statement

_ID: Final = re.compile(r"[0-9a-f]{32}")
_NONE: Final = "0" * 32


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
    asked = [_statement("spans", trace_id, limits.MAX_TRACE_SPANS)]
    if with_logs:
        asked.append(_statement("logs", trace_id, limits.MAX_TRACE_LOGS))
    spans, *logs = reader.read(Reads(asked, trace_ids=[trace_id]))
    if spans.num_rows == 0:
        raise NotFound(f"there are no spans of the trace {trace_id}")
    found = logs[0] if logs else pa.table({})
    return TraceRows(
        trace_id,
        *_first(spans, limits.MAX_TRACE_SPANS),
        *_first(found, limits.MAX_TRACE_LOGS),
    )


def _first(rows: pa.Table, most: int) -> tuple[pa.Table, bool]:
    """At most so many, and whether there are more."""
    more = rows.num_rows > most
    return (rows.slice(0, most) if more else rows), more


def _statement(table: str, trace_id: str, most: int) -> Statement:
    params = {"trace_id": trace_id, "limit": most + 1}
    return Statement(sql("query.traces", f"{table}_of_trace"), {table: None}, params, True)
