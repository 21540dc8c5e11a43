"""Counts of edges and of their durations, which add up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
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
    def of(kinds: Kinds, counts: Numbers) -> "Tally":
        """Of so many of each kind, which have both names."""
        some = np.flatnonzero(counts)
        if len(some) < len(counts):
            kinds, counts = kinds.at(some), counts[some]
        weight = kinds.weight * counts
        ends = kinds.client.astype(np.int64) << _NAME_BITS | kinds.server
        edges = ends << _TYPE_BITS | kinds.connection_type
        places, owners = [], []
        for number, buckets in enumerate((kinds.client_bucket, kinds.server_bucket)):
            known = np.flatnonzero(buckets != NO_BUCKET)
            sides = edges[known] << 1 | number
            places.append(sides << _BUCKET_BITS | (buckets[known].astype(np.int64) + 1))
            owners.append(weight[known])
        return _summed(
            edges << _VIRTUAL_BITS | kinds.virtual_side,
            (counts, weight, weight * kinds.failed),
            np.concatenate(places),
            np.concatenate(owners),
        )

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


def _summed(
    edges: Numbers, counts: Sequence[Numbers], places: Numbers, place_weight: Numbers
) -> Tally:
    edges, owners = np.unique(edges, return_inverse=True)
    spans, weight, failed = (np.bincount(owners, column, len(edges)) for column in counts)
    places, owners = np.unique(places, return_inverse=True)
    summed = np.bincount(owners, place_weight, len(places))
    return Tally(edges, spans, weight, failed, places, summed)


def rows(tally: Tally, names: Names) -> list[dict[str, Any]]:
    """What edge_of takes, by names."""
    latencies = {(edge, side): found for edge, side, found in _latencies(tally)}
    edges, owners = np.unique(tally.edges >> _VIRTUAL_BITS, return_inverse=True)
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
    buckets = (tally.places & ((1 << _BUCKET_BITS) - 1)) - 1
    lasts = np.append(firsts, len(buckets))[1:]
    for owner, first, last in zip(owners.tolist(), firsts, lasts, strict=True):
        side = _SIDES[owner & 1]
        upto = np.cumsum(tally.place_weight[first:last])
        found: dict[str, Any] = {f"{side}_total": float(upto[-1])}
        for name, quantile in QUANTILES.items():
            rank = np.floor(quantile * (upto[-1] - 1))
            low, high = np.searchsorted(upto, [rank, rank + 1], "right").tolist()
            found[f"{side}_{name}_low"] = int(buckets[first + low])
            more = high < len(upto)
            found[f"{side}_{name}_high"] = int(buckets[first + high]) if more else None
        yield owner >> 1, side, found
