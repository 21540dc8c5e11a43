"""The slowest operations among the requests of all services."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.asking.window import Window
from query.health.rules import MIN_REQUESTS
from query.health.stretches import COLUMNS
from query.percentiles.weighted import duration_of
from query.reads import Statement
from query.services.red import ENTRY

_QUANTILE: Final = 0.95
_NAMES: Final = ("service_name", "name", "kind")
# By bucket; the first one is -1, and durations have at most 63 bits.
_DURATIONS: Final = np.array([duration_of(bucket) for bucket in range(-1, 2_048)])
Numbers = npt.NDArray[Any]


def statement(window: Window) -> Statement:
    """Asks for `slowest` of that window of whole minutes."""
    text = filled(sql("query.health", "operations"), {"is_entry": ENTRY})
    params = {"from_ns": window.start_ns, "before_ns": window.end_ns, "least": MIN_REQUESTS}
    return Statement(text, {"span_rollups": (*COLUMNS, "name")}, params)


def slowest(found: pa.Table, count: int) -> list[dict[str, Any]]:
    """Those with the greatest 95th percentile first."""
    latencies: Numbers = _p95_ns(found) if found.num_rows else np.zeros(0)
    names = list(zip(*(found.column(name).to_pylist() for name in _NAMES), strict=True))
    order = sorted(range(found.num_rows), key=lambda row: (-latencies[row], str(names[row])))
    return [_entry(found, row, float(latencies[row])) for row in order[:count]]


def _p95_ns(found: pa.Table) -> Numbers:
    """As weighted.quantiles, for all rows at once: there may be thousands of operations."""
    lists = found.column("buckets").combine_chunks()
    buckets = lists.flatten().to_numpy()
    weights = found.column("weights").combine_chunks().flatten().to_numpy()
    ends = np.cumsum(lists.value_lengths().to_numpy())
    rows = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    order = np.lexsort((buckets, rows))
    counted = np.cumsum(weights[order])
    before = np.concatenate([[0.0], counted[ends[:-1] - 1]])
    position = np.maximum(0.0, _QUANTILE * (counted[ends - 1] - before - 1))
    below = np.floor(position)
    ranked = buckets[order] + 1
    low, high = (
        _DURATIONS[ranked[np.searchsorted(counted, before + rank, "right").clip(max=ends - 1)]]
        for rank in (below, below + 1)
    )
    durations: Numbers = low + (high - low) * (position - below)
    return durations


def _entry(found: pa.Table, row: int, p95_ns: float) -> dict[str, Any]:
    columns = (*_NAMES, "span_count", "adjusted_count", "adjusted_error_count")
    values = {name: found.column(name)[row].as_py() for name in columns}
    ratio = values.pop("adjusted_error_count") / values["adjusted_count"]
    return {**values, "error_ratio": ratio, "p95_ns": p95_ns}
