"""Edges by one join over all spans of the range."""

from typing import Any, Final

from goldeneye.sql_files import sql
from query.asking.reader import Reader
from query.asking.statements import filled
from query.asking.window import Window
from query.reads import Reads, Statement
from query.service_map import sample
from query.service_map.edge import QUANTILES, Edge, edge_of
from query.service_map.statements import SPAN_COLUMNS, counted_edges, reach

_SIDES: Final = {"server": "of_server", "client": "NOT of_server"}


def edges_by_join(reader: Reader, window: Window, service: str | None, step: int = 0) -> list[Edge]:
    """By names, at a step of the sample; with `service` only its own."""
    times = {"from_ns": window.start_ns, "before_ns": window.end_ns}
    params: dict[str, Any] = {**times, **sample.params(step)}
    if service is not None:
        params["service"] = service
    statement = Statement(_sql(service is not None, step), {"spans": SPAN_COLUMNS}, params)
    (found,) = reader.read(Reads([statement], *reach(window)))
    return [edge_of(row, window.duration_ns, sample.share(step)) for row in found.to_pylist()]


def _sql(narrowed: bool, step: int) -> str:
    parts = {
        "counted": counted_edges(step=step),
        "wanted": "$service IN (client, server)" if narrowed else "TRUE",
        "latencies": _latencies(),
    }
    return filled(sql("query.service_map", "edges"), parts)


def _latencies() -> str:
    """Of each side and quantile the buckets of the two neighbours in rank, and how many calls
    there are."""
    columns = []
    for side, rows in _SIDES.items():
        columns.append(f"any_value(total) FILTER ({rows}) AS {side}_total")
        for name, quantile in QUANTILES.items():
            rank = f"floor({quantile} * (total - 1))"
            low = f"min(bucket) FILTER ({rows} AND upto > {rank})"
            high = f"min(bucket) FILTER ({rows} AND upto > {rank} + 1)"
            columns += [f"{low} AS {side}_{name}_low", f"{high} AS {side}_{name}_high"]
    return ",\n".join(columns)
