"""The tables: every column's name and type, as docs/format.md describes them.

Two forms of one schema. The decoders produce `hot` batches, in which columns that repeat for a
whole resource or come from a closed set are dictionary-encoded; files and query results have the
plain types of `table`.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import pyarrow as pa
import yaml

Signal = Literal["traces", "metrics", "logs"]
OwnTable = Literal["slo_minutes", "alert_events", "notifications"]
Encoding = Literal["protobuf", "json"]
SIGNALS: Final[tuple[Signal, ...]] = ("traces", "metrics", "logs")
TABLES: Final = ("spans", "logs", "metric_series", "metric_points")
TABLES_OF_SIGNAL: Final[Mapping[Signal, tuple[str, ...]]] = {
    "traces": ("spans",),
    "logs": ("logs",),
    "metrics": ("metric_series", "metric_points"),
}
# What Goldeneye writes itself, row by row: no OTLP becomes rows of these.
OWN_TABLES: Final[tuple[OwnTable, ...]] = ("slo_minutes", "alert_events", "notifications")
# Made from the rows of another table when these are written as files: derived table -> source.
DERIVED_FROM: Final[Mapping[str, str]] = {"span_rollups": "spans", "trace_parts": "spans"}
# Made from files, some minutes after their hour: they have no rows that are not in files.
ROLLED_UP: Final = ("metric_rollups",)
STORED_TABLES: Final = (*TABLES, *DERIVED_FROM, *ROLLED_UP, *OWN_TABLES)
# Beside their files lie filters of trace ids, by which the files of a trace are found.
WITH_TRACE_FILTERS: Final = ("spans", "logs", "trace_parts")
DEFAULT_TENANT: Final = "default"
PROMOTED_PREFIXES: Final = ("attributes.", "resource_attributes.")

STRING: Final = pa.string()
WORD: Final = pa.dictionary(pa.int32(), pa.string())
TIME: Final = pa.timestamp("ns")

ATTRIBUTE_TYPES: Final[Mapping[str, pa.DataType]] = {
    "string": pa.string(),
    "int": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
}


@dataclass(frozen=True)
class PromotedKeys:
    """The keys with a column of their own: key -> type name of ATTRIBUTE_TYPES, in column order."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    resource_attributes: Mapping[str, str] = field(default_factory=dict)


@cache
def well_known_keys() -> PromotedKeys:
    """The keys of attribute_keys.yaml."""
    text = files("goldeneye").joinpath("attribute_keys.yaml").read_text(encoding="utf-8")
    keys = yaml.safe_load(text)
    return PromotedKeys(keys["attributes"], keys["resource_attributes"])


EVENT: Final = pa.struct(
    [
        ("time", TIME),
        ("time_unix_nano", pa.uint64()),
        ("name", STRING),
        ("attributes", STRING),
        ("dropped_attributes_count", pa.int64()),
    ]
)
LINK: Final = pa.struct(
    [
        ("trace_id", STRING),
        ("span_id", STRING),
        ("trace_state", STRING),
        ("attributes", STRING),
        ("dropped_attributes_count", pa.int64()),
        ("flags", pa.int64()),
    ]
)
EXEMPLAR: Final = pa.struct(
    [
        ("time", TIME),
        ("time_unix_nano", pa.uint64()),
        ("value", pa.float64()),
        ("value_int", pa.int64()),
        ("trace_id", STRING),
        ("span_id", STRING),
        ("attributes", STRING),
    ]
)
QUANTILE: Final = pa.struct([("quantile", pa.float64()), ("value", pa.float64())])

_RESOURCE_AND_SCOPE: Final = [
    ("resource_attributes_other", WORD),
    ("resource_dropped_attributes_count", pa.int64()),
    ("resource_entity_refs", WORD),
    ("resource_schema_url", WORD),
    ("scope_name", WORD),
    ("scope_version", WORD),
    ("scope_attributes", WORD),
    ("scope_dropped_attributes_count", pa.int64()),
    ("scope_schema_url", WORD),
]
_SPANS: Final = [
    ("trace_id", STRING),
    ("span_id", STRING),
    ("parent_span_id", STRING),
    ("trace_state", STRING),
    ("flags", pa.int64()),
    ("service_name", WORD),
    ("name", STRING),
    ("kind", WORD),
    ("start_time", TIME),
    ("end_time", TIME),
    ("start_time_unix_nano", pa.uint64()),
    ("end_time_unix_nano", pa.uint64()),
    ("duration_ns", pa.int64()),
    ("status_code", WORD),
    ("status_message", STRING),
    ("attributes_other", STRING),
    ("dropped_attributes_count", pa.int64()),
    ("events", pa.list_(EVENT)),
    ("dropped_events_count", pa.int64()),
    ("links", pa.list_(LINK)),
    ("dropped_links_count", pa.int64()),
    *_RESOURCE_AND_SCOPE,
    ("received_time", TIME),
]
_LOGS: Final = [
    ("time", TIME),
    ("observed_time", TIME),
    ("received_time", TIME),
    ("time_unix_nano", pa.uint64()),
    ("observed_time_unix_nano", pa.uint64()),
    ("severity_number", pa.int32()),
    ("severity_text", STRING),
    ("body", STRING),
    ("body_text", STRING),
    ("attributes_other", STRING),
    ("dropped_attributes_count", pa.int64()),
    ("trace_id", STRING),
    ("span_id", STRING),
    ("flags", pa.int64()),
    ("event_name", STRING),
    ("service_name", WORD),
    *_RESOURCE_AND_SCOPE,
]
_METRIC_SERIES: Final = [
    ("series_id", pa.uint64()),
    ("day", pa.date32()),
    ("name", STRING),
    ("type", WORD),
    ("unit", STRING),
    ("description", STRING),
    ("temporality", WORD),
    ("is_monotonic", pa.bool_()),
    ("metadata", STRING),
    ("attributes_other", STRING),
    ("service_name", WORD),
    *_RESOURCE_AND_SCOPE,
]
_METRIC_POINTS: Final = [
    ("series_id", pa.uint64()),
    ("name", WORD),
    ("time", TIME),
    ("start_time", TIME),
    ("received_time", TIME),
    ("time_unix_nano", pa.uint64()),
    ("start_time_unix_nano", pa.uint64()),
    ("flags", pa.int64()),
    ("value", pa.float64()),
    ("value_int", pa.int64()),
    ("count", pa.uint64()),
    ("sum", pa.float64()),
    ("min", pa.float64()),
    ("max", pa.float64()),
    ("bucket_counts", pa.list_(pa.uint64())),
    ("explicit_bounds", pa.list_(pa.float64())),
    ("scale", pa.int32()),
    ("zero_count", pa.uint64()),
    ("zero_threshold", pa.float64()),
    ("positive_offset", pa.int32()),
    ("positive_bucket_counts", pa.list_(pa.uint64())),
    ("negative_offset", pa.int32()),
    ("negative_bucket_counts", pa.list_(pa.uint64())),
    ("quantiles", pa.list_(QUANTILE)),
    ("exemplars", pa.list_(EXEMPLAR)),
]
_SPAN_ROLLUPS: Final = [
    ("minute", TIME),
    ("service_name", STRING),
    ("name", STRING),
    ("kind", STRING),
    ("status_code", STRING),
    ("is_root", pa.bool_()),
    ("bucket", pa.int32()),
    ("count", pa.int64()),
    ("duration_sum_ns", pa.int64()),
    ("adjusted_count", pa.float64()),
]
_TRACE_PARTS: Final = [
    ("trace_id", STRING),
    ("start_time", TIME),
    ("end_time", TIME),
    ("root_start_time", TIME),
    ("root_span_id", STRING),
    ("root_service_name", STRING),
    ("root_name", STRING),
    ("span_count", pa.int64()),
    ("error_count", pa.int64()),
    ("services", pa.list_(STRING)),
]
# A point's own columns, as far as they are needed to tell what came between it and the next.
HISTOGRAM: Final = pa.struct(
    [
        ("count", pa.uint64()),
        ("sum", pa.float64()),
        ("bucket_counts", pa.list_(pa.uint64())),
        ("scale", pa.int32()),
        ("zero_count", pa.uint64()),
        ("positive_offset", pa.int32()),
        ("positive_bucket_counts", pa.list_(pa.uint64())),
        ("negative_offset", pa.int32()),
        ("negative_bucket_counts", pa.list_(pa.uint64())),
    ]
)
_METRIC_ROLLUPS: Final = [
    ("series_id", pa.uint64()),
    ("name", STRING),
    ("type", STRING),
    ("temporality", STRING),
    ("period_s", pa.int32()),
    ("time", TIME),
    ("received_time", TIME),
    ("point_count", pa.int64()),
    ("stale_count", pa.int64()),
    ("duplicate_count", pa.int64()),
    ("same_millisecond_count", pa.int64()),
    ("first_time", TIME),
    ("last_time", TIME),
    ("sum", pa.float64()),
    ("min", pa.float64()),
    ("max", pa.float64()),
    ("first", pa.float64()),
    ("last", pa.float64()),
    ("increase", pa.float64()),
    ("resets", pa.int64()),
    ("count", pa.uint64()),
    ("bucket_counts", pa.list_(pa.uint64())),
    ("explicit_bounds", pa.list_(pa.float64())),
    ("scale", pa.int32()),
    ("zero_count", pa.uint64()),
    ("zero_threshold", pa.float64()),
    ("positive_offset", pa.int32()),
    ("positive_bucket_counts", pa.list_(pa.uint64())),
    ("negative_offset", pa.int32()),
    ("negative_bucket_counts", pa.list_(pa.uint64())),
    ("first_histogram", HISTOGRAM),
    ("last_histogram", HISTOGRAM),
]
_SLO_MINUTES: Final = [
    ("slo", STRING),
    ("minute", TIME),
    ("good", pa.float64()),
    ("total", pa.float64()),
    ("service_name", STRING),
    ("written_time", TIME),
    ("received_time", TIME),
]
_ALERT_EVENTS: Final = [
    ("time", TIME),
    ("rule", STRING),
    ("rule_group", STRING),
    ("kind", STRING),
    ("alert_id", STRING),
    ("labels", STRING),
    ("annotations", STRING),
    ("service_name", STRING),
    ("severity", STRING),
    ("before", STRING),
    ("after", STRING),
    ("reason", STRING),
    ("value", pa.float64()),
    ("detail", STRING),
    ("actor", STRING),
    ("received_time", TIME),
]
_NOTIFICATIONS: Final = [
    ("time", TIME),
    ("receiver", STRING),
    ("integration", STRING),
    ("group_key", STRING),
    ("group_labels", STRING),
    ("status", STRING),
    ("reason", STRING),
    ("alerts_firing", pa.int64()),
    ("alerts_resolved", pa.int64()),
    ("alert_ids", pa.list_(STRING)),
    ("attempts", pa.int64()),
    ("duration_ns", pa.int64()),
    ("http_status", pa.int64()),
    ("error", STRING),
    ("received_time", TIME),
]
_COLUMNS: Final[Mapping[str, list[tuple[str, pa.DataType]]]] = {
    "spans": _SPANS,
    "logs": _LOGS,
    "metric_series": _METRIC_SERIES,
    "metric_points": _METRIC_POINTS,
    "span_rollups": _SPAN_ROLLUPS,
    "trace_parts": _TRACE_PARTS,
    "metric_rollups": _METRIC_ROLLUPS,
    "slo_minutes": _SLO_MINUTES,
    "alert_events": _ALERT_EVENTS,
    "notifications": _NOTIFICATIONS,
}
# Those that hold attributes of an item, of its resource or both, partly in promoted columns.
WITH_ATTRIBUTES: Final = ("spans", "logs", "metric_series")

# Beside metric_series, a column that never reaches a file: the half of the identity's hash that
# is not series_id, by which the storage tells an equal id from an equal identity.
SERIES_CHECK: Final = "series_check"


def hot(table: str, promoted: PromotedKeys) -> pa.Schema:
    """The schema of a decoded batch: the table's own columns, then the promoted ones."""
    columns = list(_COLUMNS[table])
    if table in WITH_ATTRIBUTES:
        columns += [
            (f"attributes.{key}", ATTRIBUTE_TYPES[kind])
            for key, kind in promoted.attributes.items()
        ]
        columns += [
            (f"resource_attributes.{key}", WORD if kind == "string" else ATTRIBUTE_TYPES[kind])
            for key, kind in promoted.resource_attributes.items()
        ]
    if table == "metric_series":
        columns.append((SERIES_CHECK, pa.uint64()))
    return pa.schema(columns)


def table(name: str, promoted: PromotedKeys) -> pa.Schema:
    """The schema of a file and of an answer: `hot` without dictionaries and helpers."""
    return pa.schema(
        [
            (column.name, STRING if column.type == WORD else column.type)
            for column in hot(name, promoted)
            if column.name != SERIES_CHECK
        ]
    )


def promotion(columns: Iterable[str]) -> str:
    """A name for the promoted columns among these: equal where they are the same ones."""
    promoted = sorted(name for name in columns if name.startswith(PROMOTED_PREFIXES))
    return hashlib.sha256("\n".join(promoted).encode()).hexdigest()[:16]
