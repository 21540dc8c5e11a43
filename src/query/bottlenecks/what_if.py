"""How long a trace's root would take if some of its spans' own work took no time.

A child starts when all siblings that had ended before it started have ended, after what its
parent did in between; a span ends when all its children have, after what it did since the last.
"""

from collections.abc import Collection

from query.bottlenecks.trace import Piece, Trace, overlap_ns


def saved_ns(trace: Trace, free: Collection[int], tolerance: float = 0.0) -> int:
    """How much less the root would take, in ns."""
    root = trace.whole()
    assert root is not None
    pieces, children = [root], {}
    for piece in pieces:
        children[piece] = sorted(trace.within(piece), key=lambda child: child.start_ns)
        pieces.extend(children[piece])
    lengths: dict[Piece, int] = {}
    for piece in reversed(pieces):
        overlap = overlap_ns(piece, tolerance)
        lengths[piece] = _length(piece, children[piece], lengths, piece.span in free, overlap)
    return root.end_ns - root.start_ns - lengths[root]


def _length(
    parent: Piece, children: list[Piece], lengths: dict[Piece, int], is_free: bool, overlap: int
) -> int:
    def own(work_ns: int) -> int:
        return min(work_ns, 0) if is_free else work_ns

    ends: dict[Piece, int] = {}
    for child in children:
        before = [
            other
            for other in ends
            if other.end_ns <= child.start_ns + overlap and other.start_ns < child.start_ns
        ]
        last_ns = max((other.end_ns for other in before), default=parent.start_ns)
        ready = max((ends[other] for other in before), default=0)
        ends[child] = max(ready + own(child.start_ns - last_ns), 0) + lengths[child]
    last_ns = max((child.end_ns for child in children), default=parent.start_ns)
    return max(ends.values(), default=0) + own(parent.end_ns - last_ns)
