"""Where calls of each kind are counted, found once for those that are counted often."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from query.service_map.kinds import NO_BUCKET, Kinds, Numbers
from query.service_map.tally import BUCKET_BITS, NAME_BITS, TYPE_BITS, VIRTUAL_BITS, Tally, numbered

# After all others.
_NO_PLACE: Final = 2**63 - 1


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
        ends = kinds.client.astype(np.int64) << NAME_BITS | kinds.server
        edges = ends << TYPE_BITS | kinds.connection_type
        sides = [
            np.where(buckets == NO_BUCKET, _NO_PLACE, _places(edges, side, buckets))
            for side, buckets in enumerate((kinds.client_bucket, kinds.server_bucket))
        ]
        edges, edge = numbered(edges << VIRTUAL_BITS | kinds.virtual_side)
        places, numbers = numbered(np.concatenate([*sides, [_NO_PLACE]]))
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

    def at(self, chosen: Numbers) -> "Layout":
        """Of these kinds only."""
        client, server = self.sides
        return replace(
            self,
            edge=self.edge[chosen],
            sides=(client[chosen], server[chosen]),
            weight=self.weight[chosen],
            failed=self.failed[chosen],
        )

    @property
    def nbytes(self) -> int:
        arrays = (self.edges, self.edge, self.places, *self.sides, self.weight, self.failed)
        return sum(one.nbytes for one in arrays)


def _places(edges: Numbers, side: int, buckets: Numbers) -> Numbers:
    found: Numbers = (edges << 1 | side) << BUCKET_BITS | (buckets.astype(np.int64) + 1)
    return found
