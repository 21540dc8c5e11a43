"""One group of exceptions: its course, and how its last occurrences came about."""

from typing import Any, Final

import pyarrow as pa

from goldeneye.errors import InvalidRequest
from goldeneye.sql_files import sql
from query.asking.filter_sql import Condition
from query.asking.plain import records
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.exceptions.groups import Group, occurrences

_MOST_SAMPLES: Final = 10
_MOST_BEFORE: Final = 20
_MAX_STEPS: Final = 11_000


def series(
    reader: Reader, matching: Condition, within: Window, group: Group, step_ns: int
) -> list[dict[str, Any]]:
    """Counts of each step that has some. Raises InvalidRequest where there are too many steps."""
    if step_ns <= 0 or within.duration_ns // step_ns > _MAX_STEPS:
        raise InvalidRequest(f"step: gives more than {_MAX_STEPS} steps, or none")
    params = {**_of(group), **matching.params, "step_ns": step_ns}
    return records(reader.table(_statement("series", matching), params, *within))


def samples(
    reader: Reader, matching: Condition, within: Window, group: Group
) -> list[dict[str, Any]]:
    """The last occurrences, newest first; the newest with what its trace did before it."""
    params = {**_of(group), **matching.params, "most": _MOST_SAMPLES}
    found = reader.table(_statement("samples", matching), params, *within)
    rows = records(found)
    if rows and rows[0]["trace_id"]:
        before_ns = found["time"].cast(pa.timestamp("ns")).cast(pa.int64())[0].as_py()
        rows[0] |= _story(reader, rows[0]["trace_id"], rows[0]["span_id"], before_ns)
    return rows


def _story(reader: Reader, trace_id: str, span_id: str | None, before_ns: int) -> dict[str, Any]:
    """The attributes of the span, and the events and log records of its trace up to then."""
    params = {"trace_id": trace_id, "before_ns": before_ns, "most": _MOST_BEFORE}
    logs = reader.table(sql("query.exceptions", "logs_before"), params)
    events = reader.table(sql("query.exceptions", "events_before"), params)
    span = reader.table(sql("query.exceptions", "span"), {"trace_id": trace_id, "span_id": span_id})
    names = ("attributes", "resource_attributes")
    return {
        "span": next(iter(records(span, names)), None),
        "events_before": records(events, ("attributes",))[::-1],
        "logs_before": records(logs, ("attributes",))[::-1],
    }


def _of(group: Group) -> dict[str, Any]:
    return {"type": group.exception_type, "shapes": sorted(group.shapes)}


def _statement(name: str, matching: Condition) -> str:
    return filled(sql("query.exceptions", name), {"occurrences": occurrences(matching)})
