"""How long a trace's root would take if some of its spans' own work took no time.

A child starts when all siblings that had ended before it started have ended, after what its
parent did in between; a span ends when all its children have, after what it did since the last.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Self

from query.bottlenecks.trace import Piece, Trace, overlap_ns


class _Child(NamedTuple):
    """By places in the model: itself, the siblings it waited for, and how long after the last."""

    place: int
    before: Sequence[int]
    gap_ns: int


class _Parent(NamedTuple):
    """`tail_ns` is what it did after the last of its children."""

    span: int
    children: Sequence[_Child]
    tail_ns: int


class Model:
    """What of a trace stays as it was, whatever takes no time."""

    def __init__(self, parents: Sequence[_Parent], duration_ns: int) -> None:
        self._parents = parents
        self._duration_ns = duration_ns

    @classmethod
    def of(cls, trace: Trace, tolerance: float = 0.0) -> Self:
        """The model of a trace that has a root."""
        root = trace.whole()
        assert root is not None
        pieces, parents = [root], []
        for piece in pieces:
            children = sorted(trace.within(piece), key=lambda child: child.start_ns)
            parents.append(_parent(piece, children, len(pieces), overlap_ns(piece, tolerance)))
            pieces.extend(children)
        return cls(parents, root.end_ns - root.start_ns)

    def saved_ns(self, free: Collection[int]) -> int:
        """How much less the root would take if these spans' own work took nothing, in ns."""
        lengths = [0] * len(self._parents)
        ends = [0] * len(self._parents)
        for place in reversed(range(len(self._parents))):
            parent = self._parents[place]
            most_ns = 0 if parent.span in free else self._duration_ns
            for child, before, gap_ns in parent.children:
                ready = max((ends[other] for other in before), default=0)
                ends[child] = max(ready + min(gap_ns, most_ns), 0) + lengths[child]
            last = max((ends[child.place] for child in parent.children), default=0)
            lengths[place] = last + min(parent.tail_ns, most_ns)
        return self._duration_ns - lengths[0]


def _parent(piece: Piece, children: Sequence[Piece], first: int, overlap: int) -> _Parent:
    """`first` is the place of the first child."""
    found = []
    for index, child in enumerate(children):
        before = [
            other
            for other in range(index)
            if children[other].end_ns <= child.start_ns + overlap
            and children[other].start_ns < child.start_ns
        ]
        last_ns = max((children[other].end_ns for other in before), default=piece.start_ns)
        places = [first + other for other in before]
        found.append(_Child(first + index, places, child.start_ns - last_ns))
    last_ns = max((child.end_ns for child in children), default=piece.start_ns)
    return _Parent(piece.span, found, piece.end_ns - last_ns)
