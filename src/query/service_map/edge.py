"""An edge of the map, and how its figures follow from its counts."""

from typing import Any, Final, NamedTuple

from query.percentiles.weighted import duration_of

QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
# Which side's durations, by what stands before their names.
_PREFIXES: Final = {"server": "", "client": "client_"}


class Edge(NamedTuple):
    """Calls between two. `connection_type` is the connector's; of a client or server that is no
    service, none of these spans came from it."""

    client: str
    server: str
    connection_type: str
    client_is_service: bool
    server_is_service: bool
    figures: dict[str, Any]


def edge_of(row: dict[str, Any], duration_ns: int, share: float = 1.0) -> Edge:
    """From counts of that share of all calls, and of each side and quantile the buckets of the two
    neighbours in rank."""
    adjusted, failed = row["adjusted_count"] / share, row["adjusted_error_count"] / share
    figures = {
        "rate": adjusted * 1e9 / duration_ns,
        "count": adjusted,
        "span_count": row["span_count"],
        "error_count": failed,
        "error_ratio": failed / adjusted,
    }
    for side, prefix in _PREFIXES.items():
        for name, quantile in QUANTILES.items():
            figures[f"{prefix}{name}_ns"] = _duration_ns(row, side, name, quantile)
    return Edge(**{name: row[name] for name in Edge._fields[:-1]}, figures=figures)


def _duration_ns(row: dict[str, Any], side: str, name: str, quantile: float) -> float | None:
    """Between the neighbours in rank, as percentiles of services have it."""
    total, low, high = (row[f"{side}_{part}"] for part in ("total", f"{name}_low", f"{name}_high"))
    if total is None:
        return None
    position = quantile * (total - 1)
    share = position - position // 1
    first = duration_of(low)
    return first if high is None or share == 0 else first + (duration_of(high) - first) * share
