"""The edges of the map: calls, paired with the spans that answered them."""

from typing import Any, Final, NamedTuple

from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.percentiles.weighted import duration_of
from query.reads import Reads, Statement
from query.service_map.peers import BROKER, CALLER, COLUMNS, DATABASE, IS_DATABASE, PEER

# The other side of a call may start so long before or after the range, and no longer: clocks
# differ by less, and few messages wait for more.
REACH_NS: Final = 300 * 1_000_000_000
_MIN_NS: Final = 0
_MAX_NS: Final = 2**63 - 2
# A span belongs to the range by its partition time.
_IN_WINDOW: Final = """
coalesce(start_time, received_time) >= make_timestamp_ns($from_ns)
AND coalesce(start_time, received_time) < make_timestamp_ns($before_ns)
"""
SPAN_COLUMNS: Final = (
    *("trace_id", "span_id", "parent_span_id", "trace_state", "service_name", "kind"),
    *("start_time", "received_time", "duration_ns", "status_code", "links", *COLUMNS),
)
_QUANTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_SIDES: Final = {"server": ("", "of_server"), "client": ("client_", "NOT of_server")}


class Edge(NamedTuple):
    """Calls between two. `connection_type` is the connector's; of a client or server that is no
    service, none of these spans came from it."""

    client: str
    server: str
    connection_type: str
    client_is_service: bool
    server_is_service: bool
    figures: dict[str, Any]


def edges(reader: Reader, window: Window, service: str | None) -> list[Edge]:
    """By names: those whose client starts in the range; where there is none, whose server does.

    With `service` only its own.
    """
    params: dict[str, Any] = {"from_ns": window.start_ns, "before_ns": window.end_ns}
    if service is not None:
        params["service"] = service
    wide = max(window.start_ns - REACH_NS, _MIN_NS), min(window.end_ns + REACH_NS, _MAX_NS)
    statement = Statement(_sql(service is not None), {"spans": SPAN_COLUMNS}, params)
    (found,) = reader.read(Reads([statement], *wide))
    return [_edge(row, window.duration_ns) for row in found.to_pylist()]


def _sql(narrowed: bool) -> str:
    parts = {
        "counted": counted_edges(),
        "wanted": "$service IN (client, server)" if narrowed else "TRUE",
        "latencies": _latencies(),
    }
    return filled(sql("query.service_map", "edges"), parts)


def counted_edges(minute: str = "") -> str:
    """The parts of a WITH over `spans` whose last, `counted`, has the edges of the range from
    `$from_ns` to before `$before_ns`; with `minute`, an expression over a span, by it."""
    parts = {
        "minute": f"{minute} AS minute," if minute else "",
        "by_minute": "minute," if minute else "",
        "is_database": IS_DATABASE,
        "database": DATABASE,
        "peer": PEER,
        "caller": CALLER,
        "broker": BROKER,
        "bucket": sql("goldeneye", "duration_bucket"),
        "adjusted_count": sql("goldeneye", "adjusted_count"),
        "in_window": _IN_WINDOW,
    }
    return filled(sql("query.service_map", "counted_edges"), parts)


def _latencies() -> str:
    """Of each side and quantile the buckets of the two neighbours in rank, and how many calls
    there are."""
    columns = []
    for side, (_, rows) in _SIDES.items():
        columns.append(f"any_value(total) FILTER ({rows}) AS {side}_total")
        for name, quantile in _QUANTILES.items():
            rank = f"floor({quantile} * (total - 1))"
            low = f"min(bucket) FILTER ({rows} AND upto > {rank})"
            high = f"min(bucket) FILTER ({rows} AND upto > {rank} + 1)"
            columns += [f"{low} AS {side}_{name}_low", f"{high} AS {side}_{name}_high"]
    return ",\n".join(columns)


def _edge(row: dict[str, Any], duration_ns: int) -> Edge:
    adjusted, failed = row["adjusted_count"], row["adjusted_error_count"]
    figures = {
        "rate": adjusted * 1e9 / duration_ns,
        "count": adjusted,
        "span_count": row["span_count"],
        "error_count": failed,
        "error_ratio": failed / adjusted,
    }
    for side, (prefix, _) in _SIDES.items():
        for name, quantile in _QUANTILES.items():
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
