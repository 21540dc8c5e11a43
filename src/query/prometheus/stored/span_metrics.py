"""Metrics of spans, counted from their rollups: calls, and durations as classic histograms.

They are named as the Collector's spanmetrics connector names them, with its bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.statements import filled
from query.percentiles.weighted import duration_of
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.minutes import Counted, counters
from query.prometheus.stored.span import Span
from query.promql.labels import BUCKET_BOUND, METRIC_NAME, Labels, from_mapping
from query.promql.matching import passing
from query.promql.naming.families import bound_text
from query.promql.tree import Matcher
from query.reads import Reads, Statement

CALLS: Final = "traces_span_metrics_calls_total"
DURATION: Final = "traces_span_metrics_duration_seconds"
_SUFFIXES: Final = ("_bucket", "_sum", "_count")
NAMES: Final = (CALLS, *(DURATION + suffix for suffix in _SUFFIXES))
# Seconds; the connector's own.
_BOUNDS: Final = (
    *(0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15),
    float("inf"),
)
_KEYS: Final = ("service_name", "name", "kind", "status_code")
_COLUMNS: Final = (*_KEYS, "minute", "bucket", "count", "duration_sum_ns", "adjusted_count")


def span_metrics(
    reader: Reader, span: Span, names: Sequence[str], matchers: Sequence[Matcher]
) -> list[Block]:
    """Those of these names: counters that begin where reading begins, a sample a minute.

    Raises TooManySamples.
    """
    blocks = []
    if CALLS in names:
        blocks += _counted(_read(reader, span, "NULL", "TRUE"), span, CALLS, "count", matchers)
    durations = [name for name in names if name != CALLS]
    if durations:
        found = _read(reader, span, "bucket", "bucket IS NOT NULL")
        for name in durations:
            if name.endswith("_bucket"):
                blocks += _buckets(found, span, matchers)
            else:
                column = "count" if name.endswith("_count") else "seconds"
                blocks += _counted(found, span, name, column, matchers)
    return blocks


def span_metric_labels(reader: Reader, span: Span, names: Sequence[str]) -> list[Labels]:
    """The series of these names that have spans in the range."""
    text = sql("query.prometheus.stored", "span_metric_keys")
    reads = Reads([Statement(text, {"span_rollups": (*_KEYS, "minute")})], *span.minutes_ns)
    keys = [_labels(**row) for row in reader.read(reads)[0].to_pylist()]
    buckets = [{BUCKET_BOUND: bound_text(bound)} for bound in _BOUNDS]
    return [
        from_mapping({**key, METRIC_NAME: name, **more})
        for name in names
        for key in keys
        for more in (buckets if name.endswith("_bucket") else [{}])
    ]


@dataclass(frozen=True)
class _Rows:
    """`keys` are the labels of each series, `series` which one a row is of."""

    keys: list[dict[str, str]]
    series: "np.ndarray[Any, np.dtype[np.int64]]"
    table: pa.Table
    max_samples: int

    def column(self, name: str) -> "np.ndarray[Any, np.dtype[np.float64]]":
        if name == "seconds":
            return self.column("duration_sum_ns") / 1e9
        return np.asarray(self.table.column(name).fill_null(0).to_numpy(), dtype=np.float64)


def _read(reader: Reader, span: Span, bucket: str, condition: str) -> _Rows:
    parts = {"bucket": bucket, "condition": condition}
    text = filled(sql("query.prometheus.stored", "span_metrics"), parts)
    most = reader.promql.max_samples
    reads = Reads([Statement(text, {"span_rollups": _COLUMNS})], *span.minutes_ns, max_rows=most)
    (table,) = reader.read(reads)
    numbers: dict[tuple[str | None, ...], int] = {}
    columns = [table.column(name).to_pylist() for name in _KEYS]
    series = [numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)]
    return _Rows([_labels(*key) for key in numbers], np.array(series, np.int64), table, most)


def _labels(
    service_name: str | None, name: str | None, kind: str | None, status_code: str | None
) -> dict[str, str]:
    """In the connector's words."""
    return {
        "job": service_name or "",
        "service_name": service_name or "",
        "span_name": name or "",
        "span_kind": f"SPAN_KIND_{(kind or 'unspecified').upper()}",
        "status_code": f"STATUS_CODE_{(status_code or 'unset').upper()}",
    }


def _counted(
    rows: _Rows, span: Span, name: str, column: str, matchers: Sequence[Matcher]
) -> list[Block]:
    labels = [from_mapping({**key, METRIC_NAME: name}) for key in rows.keys]
    return _block(rows, span, labels, rows.series, rows.column(column), matchers)


def _buckets(rows: _Rows, span: Span, matchers: Sequence[Matcher]) -> list[Block]:
    """A bucket of the rollups counts where its middle lies: at most 1.1 % off."""
    name = f"{DURATION}_bucket"
    labels = [
        from_mapping({**key, METRIC_NAME: name, BUCKET_BOUND: bound_text(bound)})
        for key in rows.keys
        for bound in _BOUNDS
    ]
    middles = np.array([duration_of(bucket) for bucket in range(-1, 2048)]) / 1e9
    places = np.searchsorted(np.array(_BOUNDS), middles)
    bucket = rows.table.column("bucket").to_numpy().astype(np.int64)
    # All buckets of a histogram begin with its first span.
    chosen = np.repeat(np.arange(len(bucket)), len(_BOUNDS))
    place = np.tile(np.arange(len(_BOUNDS)), len(bucket))
    below = places[bucket + 1][chosen] <= place
    counts = np.where(below, rows.column("count")[chosen], 0.0)
    series = rows.series[chosen] * len(_BOUNDS) + place
    return _block(rows, span, labels, series, counts, matchers, chosen)


def _block(
    rows: _Rows,
    span: Span,
    labels: Sequence[Labels],
    series: "np.ndarray[Any, np.dtype[np.int64]]",
    counts: "np.ndarray[Any, np.dtype[np.float64]]",
    matchers: Sequence[Matcher],
    chosen: Any = slice(None),
) -> list[Block]:
    passed = set(passing(matchers, labels))
    keep = np.array([one in passed for one in labels], dtype=np.bool_)
    inside = keep[series]
    numbers = np.cumsum(keep) - 1
    minutes = rows.table.column("minute").to_numpy()[chosen]
    counted = Counted(numbers[series[inside]], minutes[inside], counts[inside])
    kept = [one for one in labels if one in passed]
    return [Block(kept, counters(counted, len(kept), span, rows.max_samples))]
