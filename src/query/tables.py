"""The tables that SQL sees: which stored tables each reads, and which column is its time."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from goldeneye import schemas

# The views come after what they read.
READS: Final[Mapping[str, tuple[str, ...]]] = {
    "spans": ("spans",),
    "logs": ("logs",),
    "metric_series": ("metric_series",),
    "metric_points": ("metric_points",),
    "metrics": ("metric_series", "metric_points"),
    "span_events": ("spans",),
    "span_links": ("spans",),
    "critical_path_sections": ("spans",),
    "span_rollups": ("span_rollups",),
    "trace_parts": ("trace_parts",),
    "traces": ("trace_parts",),
    "metric_rollups": ("metric_rollups",),
    "slo_minutes": ("slo_minutes",),
    "alert_events": ("alert_events",),
    "notifications": ("notifications",),
}
VIEWS: Final = tuple(name for name in READS if name not in schemas.STORED_TABLES)


class Time(NamedTuple):
    """The expression of a row's partition time (docs/format.md), its unit, and the column whose
    value it is where that has one: row groups are left out by columns, not by expressions."""

    expression: str
    is_day: bool = False
    first: str | None = None


TIME: Final[Mapping[str, Time]] = {
    "spans": Time("coalesce(start_time, received_time)", first="start_time"),
    "logs": Time("time"),
    "metric_series": Time("day", is_day=True),
    "metric_points": Time("coalesce(time, received_time)", first="time"),
    "span_rollups": Time("minute"),
    "trace_parts": Time("start_time"),
    "metric_rollups": Time("time"),
    "slo_minutes": Time("minute"),
    "alert_events": Time("time"),
    "notifications": Time("time"),
}
