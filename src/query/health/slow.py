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
Numbers = npt.NDArray[Any]


def statement(window: Window) -> Statement:
    """Asks for `slowest` of that window of whole minutes."""
    text = filled(sql("query.health", "operations"), {"is_entry": ENTRY})
    params = {"from_ns": window.start_ns, "before_ns": window.end_ns, "least": MIN_REQUESTS}
    return Statement(text, {"span_rollups": (*COLUMNS, "name")}, params)


def slowest(found: pa.Table, count: int) -> list[dict[str, Any]]:
    """Those with the greatest 95th percentile first."""
    latencies = []
    for row in range(found.num_rows):
        buckets, weights = (
            found.column(name)[row].values.to_numpy() for name in ("buckets", "weights")
        )
        latencies.append(_p95_ns(buckets, weights))
    names = list(zip(*(found.column(name).to_pylist() for name in _NAMES), strict=True))
    order = sorted(range(found.num_rows), key=lambda row: (-latencies[row], str(names[row])))
    return [_entry(found, row, latencies[row]) for row in order[:count]]


def _p95_ns(buckets: Numbers, weights: Numbers) -> float:
    """As weighted.quantiles, which is slow for the many buckets of all operations."""
    order = np.argsort(buckets)
    counted = np.cumsum(weights[order])
    position = max(0.0, _QUANTILE * (counted[-1] - 1))
    below = int(position)
    ranks = np.searchsorted(counted, [below, below + 1], "right").clip(max=len(counted) - 1)
    low, high = (duration_of(int(bucket)) for bucket in buckets[order[ranks]])
    return float(low + (high - low) * (position - below))


def _entry(found: pa.Table, row: int, p95_ns: float) -> dict[str, Any]:
    columns = (*_NAMES, "span_count", "adjusted_count", "adjusted_error_count")
    values = {name: found.column(name)[row].as_py() for name in columns}
    ratio = values.pop("adjusted_error_count") / values["adjusted_count"]
    return {**values, "error_ratio": ratio, "p95_ns": p95_ns}
