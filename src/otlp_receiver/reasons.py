"""Why items are rejected and what is warned about, in sentences for the people who send them."""

from collections.abc import Mapping
from typing import Final

from goldeneye.decoded import BodyResult
from goldeneye.schemas import Signal
from otlp_receiver.status import bounded

REJECTIONS: Final[Mapping[str, str]] = {
    "invalid_trace_id": "trace_id must be 16 bytes (32 hex digits) and not all zero",
    "invalid_span_id": "span_id must be 8 bytes (16 hex digits) and not all zero",
    "invalid_parent_span_id": "parent_span_id must be empty or 8 bytes (16 hex digits)",
    "zero_time": "time_unix_nano must be set",
    "invalid_temporality": "aggregation_temporality must be DELTA or CUMULATIVE",
    "missing_value": "a number data point needs as_int or as_double",
    "invalid_buckets": "bucket_counts must be one more than explicit_bounds, which must increase",
    "invalid_exponential_buckets": "scale must be within -10..20 and bucket indexes within int32",
    "max_series": "the tenant has as many active series as limits.max_series allows",
    "max_series_per_metric": (
        "the metric has as many active series as limits.max_series_per_metric allows"
    ),
    "invalid_quantiles": "quantiles must increase within 0..1, and their values not be negative",
}
WARNINGS: Final[Mapping[str, str]] = {
    "invalid_utf8": "strings that are not UTF-8 were stored with U+FFFD in place of what is not",
    "string_index": "string indexes belong to profiles; they were read as empty",
    "invalid_link": "links without valid ids were left out",
    "invalid_trace_id": "trace_id of log records must be 16 bytes; others were left out",
    "invalid_span_id": "span_id of log records must be 8 bytes; others were left out",
    "exemplar_without_value": "exemplars without a value were left out",
    "bucket_count_mismatch": "bucket_counts do not sum to count",
    "legacy_metric": "metric types from before OTLP 0.9 are not read; update the sender",
    "snake_case": "JSON member names must be lowerCamelCase; snake_case was accepted",
    "enum_name": "JSON enums must be numbers; names were accepted",
}
# Odd times are counted and logged; an SDK would print them with every request that it sends.
TIME_WARNINGS: Final[Mapping[str, str]] = {
    "future_time": "times over an hour ahead of this server's clock",
    "ancient_time": "times before the year 2000: not in nanoseconds?",
    "late_time": "times over 24 hours before they were received",
}
ITEMS: Final[Mapping[Signal, str]] = {
    "traces": "spans",
    "metrics": "data points",
    "logs": "log records",
}


def message(signal: Signal, result: BodyResult) -> str:
    """What a partial success says: counts and reasons, then warnings; empty where all is well."""
    if not result.rejected and not result.warnings:
        return ""
    parts = [
        f"{count} {ITEMS[signal]} rejected: {REJECTIONS[reason]}"
        for reason, count in sorted(result.rejected.items())
    ]
    if result.first_rejected is not None:
        parts.append(f"the first is {result.first_rejected}")
    parts += [
        f"warning ({count}): {WARNINGS[warning]}"
        for warning, count in sorted(result.warnings.items())
        if warning not in TIME_WARNINGS
    ]
    return bounded("; ".join(parts))
