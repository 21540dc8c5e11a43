"""Metrics of spans, counted from their rollups: calls, and durations as classic histograms.

They are named as the Collector's spanmetrics connector names them, with its bounds.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block
from query.prometheus.stored.by_minute import SUFFIXES, ByMinute, all_labels
from query.prometheus.stored.columns import floats
from query.prometheus.stored.span import Span
from query.promql.labels import Labels
from query.promql.tree import Matcher
from query.reads import Reads, Statement

CALLS: Final = "traces_span_metrics_calls_total"
DURATION: Final = "traces_span_metrics_duration_seconds"
NAMES: Final = (CALLS, *(DURATION + suffix for suffix in SUFFIXES))
LABELS: Final = frozenset({"job", "service_name", "span_name", "span_kind", "status_code", "le"})
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
        found, rows = _read(reader, span, matchers, "NULL", "TRUE")
        blocks.append(rows.counter(CALLS, floats(found.column("count"))))
    durations = [name for name in names if name != CALLS]
    if durations:
        found, rows = _read(reader, span, matchers, "bucket", "bucket IS NOT NULL")
        counts = floats(found.column("count"))
        for name in durations:
            if name.endswith("_sum"):
                seconds = floats(found.column("duration_sum_ns")) / 1e9
                blocks.append(rows.counter(name, seconds))
            else:
                buckets = found.column("bucket").to_numpy().astype(np.int64)
                blocks += rows.histogram([name], _BOUNDS, buckets, counts)
    return blocks


def span_metric_labels(reader: Reader, span: Span, names: Sequence[str]) -> list[Labels]:
    """The series of these names that have spans in the range."""
    text = sql("query.prometheus.stored", "span_metric_keys")
    reads = Reads([Statement(text, {"span_rollups": (*_KEYS, "minute")})], *span.minutes_ns)
    keys = [_labels(**row) for row in reader.read(reads)[0].to_pylist()]
    return all_labels(names, keys, _BOUNDS)


def _read(
    reader: Reader, span: Span, matchers: Sequence[Matcher], bucket: str, condition: str
) -> tuple[pa.Table, ByMinute]:
    parts = {"bucket": bucket, "condition": condition}
    text = filled(sql("query.prometheus.stored", "span_metrics"), parts)
    most = reader.promql.max_samples
    reads = Reads([Statement(text, {"span_rollups": _COLUMNS})], *span.minutes_ns, max_rows=most)
    (table,) = reader.read(reads)
    numbers: dict[tuple[Any, ...], int] = {}
    columns = [table.column(name).to_pylist() for name in _KEYS]
    owners = [numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)]
    keys = [_labels(*key) for key in numbers]
    minutes = table.column("minute").to_numpy()
    return table, ByMinute(keys, np.array(owners, np.int64), minutes, span, matchers, most)


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
