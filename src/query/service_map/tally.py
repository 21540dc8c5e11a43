"""Counts of edges and of their durations, which add up."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import accumulate
from math import floor
from typing import Any, Final

import numpy as np

from query.service_map.edge import QUANTILES
from query.service_map.kinds import CONNECTION_TYPES, NO_BUCKET, VIRTUAL_SIDES, Kinds, Numbers
from query.summaries.counts import Names

# Bits of an edge's number, from the right: which side is virtual, connection type, server; and of
# a place: bucket, side, edge without its virtual side.
_VIRTUAL_BITS: Final = 2
_TYPE_BITS: Final = 2
_NAME_BITS: Final = 17
_BUCKET_BITS: Final = 11
_SIDES: Final = ("client", "server")
# After all others.
_NO_PLACE: Final = 2**63 - 1


@dataclass(frozen=True)
class Tally:
    """`edges` in order, with how many spans and what these stand for; `places` in order, which
    tell edge, side and bucket, with what they stand for."""

    edges: Numbers
    spans: Numbers
    weight: Numbers
    failed: Numbers
    places: Numbers
    place_weight: Numbers

    @staticmethod
    def together(parts: Sequence["Tally"]) -> "Tally":
        """Their sum; there is one at least."""
        edges, spans, weight, failed, places, place_weight = (
            np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Tally)
        )
        return _summed(edges, (spans, weight, failed), places, place_weight)

    @property
    def nbytes(self) -> int:
        return sum(getattr(self, field.name).nbytes for field in fields(self))


@dataclass(frozen=True)
class Layout:
    """Where kinds are counted: `edge` and `sides` are places in `edges` and `places`, where a side
    without a bucket has the place after the last."""

    edges: Numbers
    edge: Numbers
    places: Numbers
    sides: tuple[Numbers, Numbers]
    weight: Numbers
    failed: Numbers

    @staticmethod
    def of(kinds: Kinds) -> "Layout":
        """Of kinds that have both names."""
        ends = kinds.client.astype(np.int64) << _NAME_BITS | kinds.server
        edges = ends << _TYPE_BITS | kinds.connection_type
        sides = [
            np.where(buckets == NO_BUCKET, _NO_PLACE, _places(edges, side, buckets))
            for side, buckets in enumerate((kinds.client_bucket, kinds.server_bucket))
        ]
        edges, edge = _numbered(edges << _VIRTUAL_BITS | kinds.virtual_side)
        places, numbers = _numbered(np.concatenate([*sides, [_NO_PLACE]]))
        client, server, _ = np.split(numbers, [len(edge), 2 * len(edge)])
        return Layout(edges, edge, places[:-1], (client, server), kinds.weight, kinds.failed)

    def tally(self, counts: Numbers) -> Tally:
        """Of so many of each kind."""
        weight = self.weight * counts
        columns = (counts, weight, weight * self.failed)
        spans, total, failed = (np.bincount(self.edge, one, len(self.edges)) for one in columns)
        placed = [np.bincount(side, weight, len(self.places) + 1)[:-1] for side in self.sides]
        place_weight = placed[0] + placed[1]
        some, own = spans > 0, place_weight > 0
        return Tally(
            self.edges[some],
            *(spans[some], total[some], failed[some]),
            *(self.places[own], place_weight[own]),
        )

    @property
    def nbytes(self) -> int:
        arrays = (self.edges, self.edge, self.places, *self.sides, self.weight, self.failed)
        return sum(one.nbytes for one in arrays)


def _places(edges: Numbers, side: int, buckets: Numbers) -> Numbers:
    found: Numbers = (edges << 1 | side) << _BUCKET_BITS | (buckets.astype(np.int64) + 1)
    return found


def _numbered(values: Numbers) -> tuple[Numbers, Numbers]:
    """The different ones in order, and of each its place among them."""
    order = np.argsort(values, kind="stable")  # Much of it is in order.
    values = values[order]
    first = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    places = np.empty(len(values), np.int32)
    places[order] = np.cumsum(first) - 1
    return values[first], places


def _summed(
    edges: Numbers, counts: Sequence[Numbers], places: Numbers, place_weight: Numbers
) -> Tally:
    edges, owners = _numbered(edges)
    spans, weight, failed = (np.bincount(owners, column, len(edges)) for column in counts)
    places, owners = _numbered(places)
    summed = np.bincount(owners, place_weight, len(places))
    return Tally(edges, spans, weight, failed, places, summed)


def rows(tally: Tally, names: Names) -> list[dict[str, Any]]:
    """What edge_of takes, by names."""
    latencies = {(edge, side): found for edge, side, found in _latencies(tally)}
    edges, owners = _numbered(tally.edges >> _VIRTUAL_BITS)
    columns = (tally.spans, tally.weight, tally.failed)
    spans, weight, failed = (np.bincount(owners, column, len(edges)) for column in columns)
    virtual = tally.edges & ((1 << _VIRTUAL_BITS) - 1)
    services = {
        side: np.bincount(owners, virtual != VIRTUAL_SIDES.index(side), len(edges)) > 0
        for side in _SIDES
    }
    found = []
    for place, edge in enumerate(edges.tolist()):
        row = {
            **_named(edge, names),
            "span_count": int(spans[place]),
            "adjusted_count": float(weight[place]),
            "adjusted_error_count": float(failed[place]),
        }
        for side in _SIDES:
            row[f"{side}_is_service"] = bool(services[side][place])
            row |= latencies.get((edge, side), {f"{side}_total": None, **_NO_RANKS[side]})
        found.append(row)
    return sorted(found, key=lambda row: (row["client"], row["server"], row["connection_type"]))


_NO_RANKS: Final[dict[str, dict[str, None]]] = {
    side: {f"{side}_{name}_{rank}": None for name in QUANTILES for rank in ("low", "high")}
    for side in _SIDES
}


def _named(edge: int, names: Names) -> dict[str, str | None]:
    ends = edge >> _TYPE_BITS
    return {
        "client": names.name(ends >> _NAME_BITS),
        "server": names.name(ends & ((1 << _NAME_BITS) - 1)),
        "connection_type": CONNECTION_TYPES[edge & ((1 << _TYPE_BITS) - 1)],
    }


def _latencies(tally: Tally) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Of each edge and side the sum, and of each quantile the buckets of its two neighbours."""
    owners, firsts = np.unique(tally.places >> _BUCKET_BITS, return_index=True)
    buckets = ((tally.places & ((1 << _BUCKET_BITS) - 1)) - 1).tolist()
    weights = tally.place_weight.tolist()
    lasts = np.append(firsts, len(buckets))[1:]
    ranges = (owners.tolist(), firsts.tolist(), lasts.tolist())
    for owner, first, last in zip(*ranges, strict=True):
        side = _SIDES[owner & 1]
        upto = list(accumulate(weights[first:last]))
        found: dict[str, Any] = {f"{side}_total": upto[-1]}
        for name, quantile in QUANTILES.items():
            rank = floor(quantile * (upto[-1] - 1))
            low, high = bisect_right(upto, rank), bisect_right(upto, rank + 1)
            found[f"{side}_{name}_low"] = buckets[first + low]
            found[f"{side}_{name}_high"] = buckets[first + high] if high < len(upto) else None
        yield owner >> 1, side, found
