"""Metrics of calls between services, from the edges of the service map.

They are named as the Collector's servicegraph connector names them, with its bounds.
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
from query.prometheus.stored.span import Bounds, Span
from query.promql.labels import Labels
from query.promql.tree import Matcher
from query.reads import Reads, Statement
from query.service_map.statements import REACH_NS, SPAN_COLUMNS, counted_edges

_REQUESTS: Final = "traces_service_graph_request_total"
_FAILED: Final = "traces_service_graph_request_failed_total"
_SIDES: Final = {
    side: [f"traces_service_graph_request_{side}_seconds{suffix}" for suffix in SUFFIXES]
    for side in ("server", "client")
}
NAMES: Final = (_REQUESTS, _FAILED, *_SIDES["server"], *_SIDES["client"])
LABELS: Final = frozenset({"client", "server", "connection_type", "le"})
# Seconds; the connector's own.
_BOUNDS: Final = (
    *(0.002, 0.004, 0.006, 0.008, 0.01, 0.05, 0.1, 0.2, 0.4, 0.8, 1, 1.4, 2, 5, 10, 15),
    float("inf"),
)
_KEYS: Final = ("client", "server", "connection_type")
_MINUTE: Final = "epoch_ns(coalesce(start_time, received_time)) // 60000000000"
# Without a first time, edges are looked for so long before the last.
_DEFAULT_NS: Final = 3_600 * 1_000_000_000
_MAX_NS: Final = 2**63 - 2


def service_graph(
    reader: Reader, span: Span, names: Sequence[str], matchers: Sequence[Matcher]
) -> list[Block]:
    """Those of these names, as `span_metrics` has them; sums are of buckets' middles.

    Raises TooManySamples.
    """
    found = _read(reader, span)
    numbers = _numbers(found)
    owners = np.array([numbers[key] for key in _keys(found)], np.int64)
    minutes = found.column("minute").to_numpy()
    most = reader.promql.max_samples
    keys = [dict(zip(_KEYS, key, strict=True)) for key in numbers]
    rows = ByMinute(keys, owners, minutes, span, matchers, most)
    blocks = []
    for name, column in ((_REQUESTS, "count"), (_FAILED, "failed")):
        if name in names:
            blocks.append(rows.counter(name, floats(found.column(column))))
    for side, own in _SIDES.items():
        wanted = [name for name in own if name in names]
        if wanted:
            known = np.asarray(found.column(f"{side}_bucket").is_valid(), dtype=np.bool_)
            buckets = found.column(f"{side}_bucket").filter(pa.array(known)).to_numpy()
            part = ByMinute(keys, owners[known], minutes[known], span, matchers, most)
            counts = floats(found.column("count"))[known]
            blocks += part.histogram(wanted, _BOUNDS, buckets.astype(np.int64), counts)
    return blocks


def service_graph_labels(reader: Reader, span: Span, names: Sequence[str]) -> list[Labels]:
    """The series of these names that have calls in the range, by default its last hour."""
    keys = [dict(zip(_KEYS, key, strict=True)) for key in _numbers(_read(reader, span))]
    return all_labels(names, keys, _BOUNDS)


def spans_ns(span: Span, now_ns: int) -> Bounds:
    """The times of the spans that are read."""
    from_ns, before_ns = _window(span, now_ns)
    return max(from_ns - REACH_NS, 0), min(before_ns + REACH_NS, _MAX_NS)


def _window(span: Span, now_ns: int) -> tuple[int, int]:
    start_ns, end_ns = span.minutes_ns
    before_ns = now_ns if end_ns is None else end_ns
    return (max(0, before_ns - _DEFAULT_NS) if start_ns is None else start_ns), before_ns


def _read(reader: Reader, span: Span) -> pa.Table:
    from_ns, before_ns = _window(span, reader.now_ns)
    parts = {"counted": counted_edges(_MINUTE)}
    text = filled(sql("query.prometheus.stored", "service_graph"), parts)
    params = {"from_ns": from_ns, "before_ns": before_ns}
    statement = Statement(text, {"spans": SPAN_COLUMNS}, params)
    wide = spans_ns(span, reader.now_ns)
    (found,) = reader.read(Reads([statement], *wide, max_rows=reader.promql.max_samples))
    return found


def _keys(found: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(found.column(name).to_pylist() for name in _KEYS), strict=True))


def _numbers(found: pa.Table) -> dict[tuple[Any, ...], int]:
    return {key: number for number, key in enumerate(dict.fromkeys(_keys(found)))}
