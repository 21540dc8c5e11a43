"""Counts and percentiles of spans: exact from the spans, or from the buckets of rollups.

Rollups have whole minutes; the rest of a range at its two ends is counted from the spans.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from goldeneye import limits
from goldeneye.errors import QueryFailed
from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.percentiles.asked import ANYTHING, BY_SERVICE, MINUTE_NS, Asked, Group, Measured
from query.percentiles.entries import ENTRY_SQL, READ_COLUMNS
from query.percentiles.weighted import (
    RELATIVE_ERROR,
    SIGN_OFFSET,
    duration_of,
    quantiles,
    value_of,
)
from query.reads import Reads, Statement
from query.summaries.counts import Counts, TooManyNames, groups
from query.summaries.rollups import rollup_counts

# Columns and expressions by which rows may be grouped.
KEYS: Final = {
    "service_name": "service_name",
    "name": "name",
    "kind": "kind",
    "status_code": "status_code",
    "grouped": "grouped",
    "is_entry": ENTRY_SQL,
}
_STEP: Final = "(epoch_ns(time) - $origin_ns) // $step_ns"
_PACKAGE: Final = "query.percentiles"


def measure(reader: Reader, asked: Asked) -> Measured:
    """The groups that have spans; exact where all spans weigh the same and are not too many.

    Raises QueryFailed where it was asked to be exact and cannot be.
    """
    if asked.method == "exact" or (asked.method is None and _few(reader, asked)):
        rolled_up = _rolled_up_count(reader, asked)
        exact = _exact(reader, asked)
        reason = _why_not(exact, rolled_up)
        if reason is None:
            return Measured(exact, "exact", 0.0)
        if asked.method == "exact":
            raise QueryFailed(f"cannot be exact: {reason}; ask with method=bucketed")
    return Measured(_bucketed(reader, asked), "bucketed", RELATIVE_ERROR)


def _few(reader: Reader, asked: Asked) -> bool:
    most = limits.MAX_EXACT_SPANS if asked.in_rollups else limits.MAX_EXACT_VALUES
    return reader.rows_within("spans", *asked.window) <= most


def _why_not(exact: dict[tuple[Any, ...], Group], rolled_up: int) -> str | None:
    if any(group.adjusted_count != group.span_count for group in exact.values()):
        return "some of these spans were sampled, and stand for several"
    # Rollups are kept for longer than spans are.
    gone = sum(group.span_count for group in exact.values()) < rolled_up
    return "some of these spans are no longer kept" if gone else None


def _rolled_up_count(reader: Reader, asked: Asked) -> int:
    """Spans that rollups count in the whole minutes. Asked before the spans, which may arrive."""
    minutes = _minutes(asked.window) if asked.in_rollups else None
    if minutes is None:
        return 0
    text = filled(sql(_PACKAGE, "rolled_up_count"), {"condition": asked.condition.sql})
    found = reader.table(text, asked.condition.params, *minutes)
    return int(found.column("span_count")[0].as_py())


def _exact(reader: Reader, asked: Asked) -> dict[tuple[Any, ...], Group]:
    listed = ", ".join(repr(float(q)) for q in asked.quantiles)
    rows, params = _spans(asked)
    parts = {"rows": rows, "quantiles": f"[{listed}]"}
    found = _asked(reader, "exact", "spans", asked, parts, params, asked.window)
    return {key: Group(*counts) for key, counts in _rows(found, asked)}


def _bucketed(reader: Reader, asked: Asked) -> dict[tuple[Any, ...], Group]:
    if asked.of_services:
        try:
            return _of_services(reader, asked)
        except TooManyNames:
            reader.memory.forget_rollups()
    groups: dict[tuple[Any, ...], Group] = {}
    weights: dict[tuple[Any, ...], dict[float, float]] = {}
    stands_for = duration_of if asked.measured is None else value_of
    for found in _bucketed_parts(reader, asked):
        for key, (bucket, *counts) in _rows(found, asked):
            group = groups.setdefault(key, Group())
            _add(group, counts)
            if bucket is None:
                continue
            group.measured_count += counts[0]
            values = weights.setdefault(key, {})
            value = stands_for(bucket)
            values[value] = values.get(value, 0.0) + counts[2]
    for key, group in groups.items():
        group.quantiles = quantiles(weights.get(key, {}), asked.quantiles)
    return groups


def _of_services(reader: Reader, asked: Asked) -> dict[tuple[Any, ...], Group]:
    """As _bucketed, from what is remembered of files. Raises TooManyNames."""
    memory = reader.memory.rollups
    minutes = _minutes(asked.window)
    parts: list[Counts] = []
    if minutes is not None:
        # What has the rest of a minute only is counted with it.
        parts, minutes = rollup_counts(reader, memory, asked.window, minutes)
    for edge in _edges(reader, asked.window, minutes):
        found = _edge(reader, replace(asked, keys=BY_SERVICE), edge)
        parts.append(Counts.of(found, memory.names))
    return groups(parts, memory.names, asked.quantiles, by_entry=asked.keys == BY_SERVICE)


def _add(group: Group, counts: list[Any]) -> None:
    group.span_count += counts[0]
    group.error_count += counts[1]
    group.adjusted_count += counts[2]
    group.adjusted_error_count += counts[3]


def _bucketed_parts(reader: Reader, asked: Asked) -> Iterator[pa.Table]:
    minutes = _minutes(asked.window) if asked.in_rollups else None
    for edge in _edges(reader, asked.window, minutes):
        yield _edge(reader, asked, edge)
    if minutes is not None:
        parts = {"rows": sql(_PACKAGE, "rollups"), "bucket": "bucket"}
        yield _asked(reader, "bucketed", "span_rollups", asked, parts, {}, minutes)


def _edge(reader: Reader, asked: Asked, edge: Window) -> pa.Table:
    """What rollups would have, from spans."""
    rows, params = _spans(asked)
    if asked.measured is None:
        bucket = sql("goldeneye", "duration_bucket").replace("duration_ns", "measured")
    else:
        bucket = filled(sql(_PACKAGE, "value_bucket"), {"sign_offset": str(SIGN_OFFSET)})
    return _asked(
        reader, "bucketed", "spans", asked, {"rows": rows, "bucket": bucket}, params, edge
    )


def _asked(
    reader: Reader,
    name: str,
    table: str,
    asked: Asked,
    parts: dict[str, str],
    params: dict[str, Any],
    window: Window,
) -> pa.Table:
    keys = [f"{KEYS[key]} AS {key}," for key in asked.keys]
    params = {**params, **asked.condition.params}
    if asked.step is not None:
        keys.append(f"{_STEP} AS step,")
        params |= {"origin_ns": asked.step.origin_ns, "step_ns": asked.step.length_ns}
    parts = {**parts, "keys": "\n".join(keys), "condition": asked.condition.sql}
    text = filled(sql(_PACKAGE, name), parts)
    if asked.of_attributes:
        return reader.table(text, params, *window)
    statement = Statement(text, {table: READ_COLUMNS[table]}, params)
    return reader.read(Reads([statement], *window))[0]


def _spans(asked: Asked) -> tuple[str, dict[str, Any]]:
    filters, grouped = asked.filters or ANYTHING, asked.grouped
    measured = asked.measured
    parts = {
        "filters": filters.sql,
        "grouped": grouped.sql if grouped else "NULL",
        "measured": measured.sql if measured else "duration_ns",
        "adjusted_count": sql("goldeneye", "adjusted_count"),
    }
    params = {**filters.params}
    for one in (grouped, measured):
        params |= one.params if one else {}
    return filled(sql(_PACKAGE, "measured_spans"), parts), params


def _rows(found: pa.Table, asked: Asked) -> Iterator[tuple[tuple[Any, ...], list[Any]]]:
    """Of each row the key and the rest."""
    keys = len(asked.keys) + (asked.step is not None)
    for row in zip(*(column.to_pylist() for column in found.columns), strict=True):
        yield row[:keys], list(row[keys:])


def _minutes(window: Window) -> Window | None:
    """The whole minutes of the range, None where there are none."""
    start_ns = -(-window.start_ns // MINUTE_NS) * MINUTE_NS
    end_ns = window.end_ns // MINUTE_NS * MINUTE_NS
    return Window(start_ns, end_ns) if start_ns < end_ns else None


def _edges(reader: Reader, window: Window, minutes: Window | None) -> list[Window]:
    """What of the range is not in its minutes and may have spans."""
    edges = [window]
    if minutes is not None:
        edges = [
            Window(window.start_ns, minutes.start_ns),
            Window(minutes.end_ns, window.end_ns),
        ]
    return [edge for edge in edges if edge.duration_ns and reader.rows_within("spans", *edge)]
