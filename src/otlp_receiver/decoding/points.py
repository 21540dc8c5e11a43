"""The values of one data point, and what is wrong with it (docs/decoding.md, section 5)."""

import itertools
import math
from collections.abc import Sequence
from typing import Any, Final

from otlp_receiver.decoding.canonical_json import encode_attributes
from otlp_receiver.decoding.envelope import Context, identifier
from otlp_receiver.decoding.rows import time_columns

# The columns of `values`, in their order.
VALUE_NAMES: Final = (
    "value",
    "value_int",
    "count",
    "sum",
    "min",
    "max",
    "bucket_counts",
    "explicit_bounds",
    "scale",
    "zero_count",
    "zero_threshold",
    "positive_offset",
    "positive_bucket_counts",
    "negative_offset",
    "negative_bucket_counts",
    "quantiles",
    "exemplars",
)
NO_VALUES: Final = (None,) * len(VALUE_NAMES)
_MIN_SCALE, _MAX_SCALE = -10, 20
_INT32_MIN, _INT32_MAX = -(1 << 31), (1 << 31) - 1
_UINT64: Final = 1 << 64


def fault(kind: str, point: Any) -> str | None:
    """Why a point with a recorded value is rejected."""
    if kind in ("gauge", "sum"):
        return "missing_value" if point.WhichOneof("value") is None else None
    if kind == "histogram":
        return None if _fit(point.bucket_counts, point.explicit_bounds) else "invalid_buckets"
    if kind == "exponential_histogram":
        return None if _is_exponential(point) else "invalid_exponential_buckets"
    return None if _are_quantiles(point.quantile_values) else "invalid_quantiles"


def _fit(counts: Sequence[int], bounds: Sequence[float]) -> bool:
    if not counts and not bounds:
        return True
    if len(counts) != len(bounds) + 1 or any(math.isnan(bound) for bound in bounds):
        return False
    return all(low < high for low, high in itertools.pairwise(bounds))


def _is_exponential(point: Any) -> bool:
    if not _MIN_SCALE <= point.scale <= _MAX_SCALE:
        return False
    return all(
        _INT32_MIN <= side.offset + len(side.bucket_counts) <= _INT32_MAX
        for side in (point.positive, point.negative)
    )


def _are_quantiles(values: Sequence[Any]) -> bool:
    quantiles = [value.quantile for value in values]
    if not all(0.0 <= quantile <= 1.0 for quantile in quantiles):
        return False
    if not all(low < high for low, high in itertools.pairwise(quantiles)):
        return False
    return not any(value.value < 0 for value in values)


def values(kind: str, point: Any, exemplars: list[dict[str, Any]], ctx: Context) -> tuple[Any, ...]:
    """The value columns of a valid point."""
    if kind in ("gauge", "sum"):
        return _number(point, exemplars)
    if kind == "histogram":
        return _histogram(point, exemplars, ctx)
    if kind == "exponential_histogram":
        return _exponential_histogram(point, exemplars)
    quantiles = [{"quantile": v.quantile, "value": v.value} for v in point.quantile_values]
    return (None, None, point.count, point.sum, *(None,) * 11, quantiles, None)


def _number(point: Any, exemplars: list[dict[str, Any]]) -> tuple[Any, ...]:
    is_integer = point.WhichOneof("value") == "as_int"
    value = float(point.as_int) if is_integer else point.as_double
    return (value, point.as_int if is_integer else None, *(None,) * 14, exemplars)


def _optional(point: Any, name: str) -> float | None:
    return getattr(point, name) if point.HasField(name) else None


def _histogram(point: Any, exemplars: list[dict[str, Any]], ctx: Context) -> tuple[Any, ...]:
    counts = list(point.bucket_counts)
    if counts and sum(counts) % _UINT64 != point.count:
        ctx.body.warn("bucket_count_mismatch")
    return (
        None,
        None,
        point.count,
        *(_optional(point, name) for name in ("sum", "min", "max")),
        counts,
        list(point.explicit_bounds),
        *(None,) * 8,
        exemplars,
    )


def _exponential_histogram(point: Any, exemplars: list[dict[str, Any]]) -> tuple[Any, ...]:
    return (
        None,
        None,
        point.count,
        *(_optional(point, name) for name in ("sum", "min", "max")),
        None,
        None,
        point.scale,
        point.zero_count,
        point.zero_threshold,
        point.positive.offset,
        list(point.positive.bucket_counts),
        point.negative.offset,
        list(point.negative.bucket_counts),
        None,
        exemplars,
    )


def exemplar(message: Any, ctx: Context) -> dict[str, Any] | None:
    """An exemplar with a value; None, and a warning, for one without."""
    attributes = encode_attributes(ctx.reader.attributes(message.filtered_attributes))
    case = message.WhichOneof("value")
    if case is None:
        ctx.body.warn("exemplar_without_value")
        return None
    time, raw_time = time_columns(message.time_unix_nano)
    return {
        "time": time,
        "time_unix_nano": raw_time,
        "value": float(message.as_int) if case == "as_int" else message.as_double,
        "value_int": message.as_int if case == "as_int" else None,
        "trace_id": identifier(message.trace_id, 16),
        "span_id": identifier(message.span_id, 8),
        "attributes": attributes,
    }
