"""One trace as an answer: its trees, flat, with what is known and what is odd about them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyarrow as pa

from query.analysis.json_object import Prefix
from query.asking.plain import rfc3339
from query.traces.attributes import objects
from query.traces.clock_skew import Adjustment, Timed, adjustments, host_of
from query.traces.lookup import TraceRows
from query.traces.rows import attributes_of, compact, members
from query.traces.self_time import Interval, self_time_ns
from query.traces.tree import Forest, Link, forest

_NAMING: Final = ("span_id", "parent_span_id", "service_name", "name", "status_code")
_ROWS_AT_ONCE: Final = 2_000

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class _Known:
    """What is found out about the spans, each by its row."""

    columns: Columns
    resources: Sequence[str]  # as JSON
    starts_ns: Sequence[int | None]
    ends_ns: Sequence[int | None]
    times_ns: Sequence[Interval | None]  # None where an end is not known, or before its start
    forest: Forest
    adjustments: Sequence[Adjustment]


def whole(trace: TraceRows, max_clock_skew_ns: int) -> dict[str, Any]:
    """The members of the answer; its spans are in the order of the trees."""
    known = _known(trace.spans, max_clock_skew_ns)
    return {
        "trace_id": trace.trace_id,
        **_facts(known),
        **_oddities(known),
        "truncated": trace.truncated,
        "logs_truncated": trace.logs_truncated,
        "spans": _spans(trace.spans, known),
        "logs": _logs(trace.logs),
    }


def _logs(rows: pa.Table) -> list[dict[str, Any]]:
    if rows.num_rows == 0:
        return []
    columns = members("logs", rows, attributes_of(rows))
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _known(rows: pa.Table, max_clock_skew_ns: int) -> _Known:
    columns = {name: rows.column(name).to_pylist() for name in _NAMING}
    starts_ns, ends_ns = _nanoseconds(rows, "start_time"), _nanoseconds(rows, "end_time")
    links = map(Link, columns["span_id"], columns["parent_span_id"], starts_ns)
    trees = forest(list(links))
    resources = _each_once(objects(rows, "resource_attributes"))
    hosts = _hosts(resources)
    times_ns = list(map(_interval, starts_ns, ends_ns))
    moved = adjustments(trees, list(map(Timed, times_ns, hosts)), max_clock_skew_ns)
    return _Known(columns, resources, starts_ns, ends_ns, times_ns, trees, moved)


def _nanoseconds(rows: pa.Table, name: str) -> list[int | None]:
    found: list[int | None] = rows.column(name).cast(pa.int64()).to_pylist()
    return found


def _each_once(texts: Sequence[str]) -> list[str]:
    """The same texts, of which equal ones share their memory."""
    found: dict[str, str] = {}
    return [found.setdefault(text, text) for text in texts]


def _hosts(resources: Sequence[str]) -> list[str]:
    """Most spans share their resource with many."""
    found = {text: host_of(json.loads(text)) for text in set(resources)}
    return [found[text] for text in resources]


def _facts(known: _Known) -> dict[str, Any]:
    """Of the spans as they were sent."""
    start_ns = min((at for at in known.starts_ns if at is not None), default=None)
    end_ns = max((at for at in known.ends_ns if at is not None), default=None)
    times_ns = _interval(start_ns, end_ns)
    services = {name for name in known.columns["service_name"] if name is not None}
    return {
        "start_time": None if start_ns is None else rfc3339(start_ns),
        "end_time": None if end_ns is None else rfc3339(end_ns),
        "duration_ns": None if times_ns is None else times_ns[1] - times_ns[0],
        "services": sorted(services),
        "span_count": len(known.starts_ns),
        "error_count": sum(code == "error" for code in known.columns["status_code"]),
    }


def _oddities(known: _Known) -> dict[str, Any]:
    ids, names = known.columns["span_id"], known.columns["name"]
    services, trees = known.columns["service_name"], known.forest
    return {
        "roots": [
            {
                "span_id": ids[one],
                "service_name": services[one],
                "name": names[one],
                "reason": reason,
            }
            for one, reason in trees.roots.items()
        ],
        "missing_parents": [
            {"span_id": missing, "children": [ids[one] for one in named]}
            for missing, named in trees.missing_parents.items()
        ],
        "duplicate_span_ids": [
            {"span_id": id_, "count": len(same)} for id_, same in trees.duplicates.items()
        ],
        "cycles": [[ids[one] for one in cycle] for cycle in trees.cycles],
    }


def _spans(rows: pa.Table, known: _Known) -> list[orjson.Fragment]:
    """Encoded some at a time, so that large traces do not take several times their answer."""
    found = _found(known)
    encoded: list[orjson.Fragment] = []
    for first in range(0, rows.num_rows, _ROWS_AT_ONCE):
        some = rows.slice(first, _ROWS_AT_ONCE)
        resources = known.resources[first : first + some.num_rows]
        own: dict[Prefix, Sequence[str]] = {
            "attributes": objects(some, "attributes"),
            "resource_attributes": resources,
        }
        columns = members("spans", some, own)
        columns |= {name: values[first : first + some.num_rows] for name, values in found.items()}
        names = tuple(columns)
        encoded += (
            compact(dict(zip(names, row, strict=True)))
            for row in zip(*columns.values(), strict=True)
        )
    return [encoded[one] for one in known.forest.order]


def _found(known: _Known) -> Columns:
    """What is not stored but found: places in the trees, and times without clock skew."""
    trees, moved = known.forest, [one.delta_ns for one in known.adjustments]
    adjusted = [
        times_ns and (times_ns[0] + delta_ns, times_ns[1] + delta_ns)
        for times_ns, delta_ns in zip(known.times_ns, moved, strict=True)
    ]
    first_ns = min((at for at in known.starts_ns if at is not None), default=0)
    return {
        "depth": trees.depth,
        "child_count": list(map(len, trees.children)),
        "offset_ns": [
            None if start_ns is None else start_ns + delta_ns - first_ns
            for start_ns, delta_ns in zip(known.starts_ns, moved, strict=True)
        ],
        "self_time_ns": [
            own and self_time_ns(own, [adjusted[child] for child in children])
            for own, children in zip(adjusted, trees.children, strict=True)
        ],
        "clock_skew_adjustment_ns": moved,
        "warnings": [one.warnings for one in known.adjustments],
    }


def _interval(start_ns: int | None, end_ns: int | None) -> Interval | None:
    if start_ns is None or end_ns is None or end_ns < start_ns:
        return None
    return start_ns, end_ns
