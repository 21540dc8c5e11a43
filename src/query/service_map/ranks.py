"""What a tally says of each edge, with the neighbours in rank of its quantiles."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from math import floor
from typing import Any, Final

import numpy as np

from query.service_map.edge import QUANTILES
from query.service_map.kinds import CONNECTION_TYPES, VIRTUAL_SIDES
from query.service_map.tally import (
    BUCKET_BITS,
    NAME_BITS,
    SIDES,
    TYPE_BITS,
    VIRTUAL_BITS,
    Tally,
    numbered,
)
from query.summaries.counts import Names


def rows(tally: Tally, names: Names) -> list[dict[str, Any]]:
    """What edge_of takes, by names."""
    latencies = {(edge, side): found for edge, side, found in _latencies(tally)}
    edges, owners = numbered(tally.edges >> VIRTUAL_BITS)
    columns = (tally.spans, tally.weight, tally.failed)
    spans, weight, failed = (np.bincount(owners, column, len(edges)) for column in columns)
    virtual = tally.edges & ((1 << VIRTUAL_BITS) - 1)
    services = {
        side: np.bincount(owners, virtual != VIRTUAL_SIDES.index(side), len(edges)) > 0
        for side in SIDES
    }
    found = []
    for place, edge in enumerate(edges.tolist()):
        row = {
            **_named(edge, names),
            "span_count": int(spans[place]),
            "adjusted_count": float(weight[place]),
            "adjusted_error_count": float(failed[place]),
        }
        for side in SIDES:
            row[f"{side}_is_service"] = bool(services[side][place])
            row |= latencies.get((edge, side), {f"{side}_total": None, **_NO_RANKS[side]})
        found.append(row)
    return sorted(found, key=lambda row: (row["client"], row["server"], row["connection_type"]))


_NO_RANKS: Final[dict[str, dict[str, None]]] = {
    side: {f"{side}_{name}_{rank}": None for name in QUANTILES for rank in ("low", "high")}
    for side in SIDES
}


def _named(edge: int, names: Names) -> dict[str, str | None]:
    ends = edge >> TYPE_BITS
    return {
        "client": names.name(ends >> NAME_BITS),
        "server": names.name(ends & ((1 << NAME_BITS) - 1)),
        "connection_type": CONNECTION_TYPES[edge & ((1 << TYPE_BITS) - 1)],
    }


def _latencies(tally: Tally) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Of each edge and side the sum, and of each quantile the buckets of its two neighbours."""
    owners, firsts = np.unique(tally.places >> BUCKET_BITS, return_index=True)
    buckets = ((tally.places & ((1 << BUCKET_BITS) - 1)) - 1).tolist()
    weights = tally.place_weight.tolist()
    lasts = np.append(firsts, len(buckets))[1:]
    ranges = (owners.tolist(), firsts.tolist(), lasts.tolist())
    for owner, first, last in zip(*ranges, strict=True):
        side = SIDES[owner & 1]
        upto = list(accumulate(weights[first:last]))
        found: dict[str, Any] = {f"{side}_total": upto[-1]}
        for name, quantile in QUANTILES.items():
            rank = floor(quantile * (upto[-1] - 1))
            low, high = bisect_right(upto, rank), bisect_right(upto, rank + 1)
            found[f"{side}_{name}_low"] = buckets[first + low]
            found[f"{side}_{name}_high"] = buckets[first + high] if high < len(upto) else None
        yield owner >> 1, side, found
