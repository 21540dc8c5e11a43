"""Stretches of time in which requests are judged: the last minutes, and hours."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.asking.window import HOUR_NS, Window
from query.health.rules import Figures
from query.percentiles.asked import MINUTE_NS
from query.percentiles.weighted import duration_of, quantiles
from query.reads import Statement
from query.services.red import ENTRY

WINDOW_NS: Final = 10 * MINUTE_NS
DAY_NS: Final = 24 * HOUR_NS
COLUMNS: Final = (
    *("minute", "service_name", "kind", "is_root", "status_code", "bucket"),
    *("count", "adjusted_count"),
)


def last_minutes(now_ns: int) -> Window:
    """Ten whole minutes and what there is of this one."""
    end_ns = (now_ns // MINUTE_NS + 1) * MINUTE_NS
    return Window(end_ns - MINUTE_NS - WINDOW_NS, end_ns)


def pasts(window: Window) -> tuple[Window, Window]:
    """What it is compared with: the same time a day earlier, or where that had too few requests
    an hour earlier."""
    return _earlier(window, DAY_NS), _earlier(window, HOUR_NS)


def statement(service: str, windows: Sequence[Window]) -> Statement:
    """Asks for `figures` of these windows, each of whole minutes."""
    starts, ends = zip(*windows, strict=True)
    params = {"service": service, "starts": list(starts), "ends": list(ends)}
    text = filled(sql("query.health", "stretches"), {"is_entry": ENTRY})
    return Statement(text, {"span_rollups": COLUMNS}, params)


def figures(found: pa.Table, windows: Sequence[Window]) -> dict[Window, Figures]:
    """Of each window."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in found.to_pylist():
        rows[row["number"]].append(row)
    return {window: _figures(rows[number]) for number, window in enumerate(windows)}


def _figures(rows: Sequence[dict[str, Any]]) -> Figures:
    adjusted = sum(row["adjusted_count"] for row in rows)
    failed = sum(row["adjusted_error_count"] for row in rows)
    weights: dict[float, float] = defaultdict(float)
    for row in rows:
        if row["bucket"] is not None:
            weights[duration_of(row["bucket"])] += row["adjusted_count"]
    return Figures(
        sum(row["request_count"] for row in rows),
        sum(row["error_count"] for row in rows),
        failed / adjusted if adjusted else None,
        quantiles(weights, (0.95,))[0],
    )


def _earlier(window: Window, shift_ns: int) -> Window:
    return Window(window.start_ns - shift_ns, window.end_ns - shift_ns)
