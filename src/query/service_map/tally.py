"""Counts of edges and of their durations, which add up."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from query.service_map.kinds import Numbers

# Bits of an edge's number, from the right: which side is virtual, connection type, server; and of
# a place: bucket, side, edge without its virtual side.
VIRTUAL_BITS: Final = 2
TYPE_BITS: Final = 2
NAME_BITS: Final = 17
BUCKET_BITS: Final = 11
SIDES: Final = ("client", "server")


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


def numbered(values: Numbers) -> tuple[Numbers, Numbers]:
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
    edges, owners = numbered(edges)
    spans, weight, failed = (np.bincount(owners, column, len(edges)) for column in counts)
    places, owners = numbered(places)
    summed = np.bincount(owners, place_weight, len(places))
    return Tally(edges, spans, weight, failed, places, summed)
