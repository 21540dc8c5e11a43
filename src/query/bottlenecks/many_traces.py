"""The critical paths of many requests to one entry point, by service and operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.plain import records, rfc3339
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.bottlenecks.kernel import CORE
from query.bottlenecks.statement import entry_condition, with_totals

# A span that began so long before the entries' window can still lie on a path, when its clock was
# so far behind that of the entry span.
_CLOCK_SKEW_NS: Final = 300 * 1_000_000_000
_EXAMPLES: Final = 5
_TOTALS: Final = ("traces_total", "traces_examined", "examples")


@dataclass(frozen=True)
class Selection:
    """Requests: those whose entry spans began within the window, and are of this service,
    operation and release, where they are not None."""

    window: Window
    service: str | None = None
    operation: str | None = None
    version: str | None = None

    def given(self) -> dict[str, str]:
        named = {"service": self.service, "operation": self.operation, "version": self.version}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True)
class Bounds:
    """How many traces are walked at most, and how long siblings may overlap (a fraction)."""

    max_traces: int
    tolerance: float


def bottlenecks(
    reader: Reader, selection: Selection, bounds: Bounds, baseline: Selection | None
) -> dict[str, Any]:
    """What keeps these requests waiting, largest share first, and how that changed."""
    rows, facts = _examined(reader, selection, bounds)
    answer = {**facts, "tolerance": bounds.tolerance, "core": CORE}
    if baseline is not None:
        before, facts = _examined(reader, baseline, bounds)
        answer["baseline"] = {name: facts[name] for name in facts if name != "examples"}
        rows = _compared(rows, before)
    return {**answer, "bottlenecks": rows}


def _examined(
    reader: Reader, selection: Selection, bounds: Bounds
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The operations, and what was examined to find them."""
    window, given = selection.window, selection.given()
    entry = entry_condition(given)
    params = {**given, **window._asdict()}
    end_ns = _latest_end_ns(reader, window, entry, params)
    found = reader.table(
        with_totals(entry),
        {
            **params,
            "max_traces": bounds.max_traces,
            "tolerance": bounds.tolerance,
            "examples": _EXAMPLES,
        },
        max(window.start_ns - _CLOCK_SKEW_NS, 0),
        end_ns,
    )
    total, examined, examples = (found[name][0].as_py() for name in _TOTALS)
    facts = {
        "start": rfc3339(window.start_ns),
        "end": rfc3339(window.end_ns),
        **given,
        "traces_total": total,
        "traces_examined": examined,
        "sampling": "all" if examined == total else "hash",
        "examples": [_example(one) for one in examples or ()],
    }
    return _operations(found), facts


def _latest_end_ns(
    reader: Reader, window: Window, entry: str, params: Mapping[str, Any]
) -> int | None:
    """The end of the last request: no span that begins later lies on a path."""
    if window.end_ns >= reader.now_ns:
        return None
    statement = filled(sql("query.bottlenecks", "latest_end"), {"entry": entry})
    found = reader.table(statement, params, *window)["end_ns"][0].as_py()
    return window.end_ns if found is None else max(found, window.end_ns)


def _operations(found: pa.Table) -> list[dict[str, Any]]:
    rows = records(found.drop_columns(list(_TOTALS)))
    # Without any operation there is one row, of what was examined.
    return [row for row in rows if row["share"] is not None]


def _example(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "trace_id": one["trace_id"],
        "span_id": one["span_id"],
        "start_time": rfc3339(one["start_ns"]),
        "duration_ns": one["duration_ns"],
    }


def _compared(rows: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their share of the baseline, and those that only the baseline has, as 0."""
    shares = {(row["service_name"], row["name"]): row["share"] for row in before}
    found = {(row["service_name"], row["name"]): row for row in rows}
    gone = [
        {**_NOTHING, "service_name": key[0], "name": key[1]} for key in shares if key not in found
    ]
    return [
        {**row, "baseline_share": share, "change": row["share"] - share}
        for row in [*rows, *gone]
        for share in [shares.get((row["service_name"], row["name"]), 0.0)]
    ]


_NOTHING: Final[Mapping[str, Any]] = {
    "service_name": None,
    "name": None,
    "share": 0.0,
    "share_slowest": 0.0,
    "exclusive_ns": 0,
    "mean_exclusive_ns": 0.0,
    "saved_ns": 0,
    "mean_saved_ns": 0.0,
    "count": 0,
    "error_count": 0,
    "trace_count": 0,
    "example_trace_id": None,
}
