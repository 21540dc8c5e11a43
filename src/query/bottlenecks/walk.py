"""The walk over one trace in plain Python, as docs/api/bottlenecks.md states it."""

from query.bottlenecks.trace import Piece, Trace, overlap_ns


def sections(trace: Trace, tolerance: float = 0.0) -> list[Piece]:
    """The critical path, by time: disjoint pieces that together take as long as the root."""
    found = []
    # Each with how much earlier it is put than it was, because of overlap that is tolerated.
    waiting = [(piece, 0) for piece in [trace.whole()] if piece is not None]
    while waiting:
        parent, shift = waiting.pop()
        overlap, upto = overlap_ns(parent, tolerance), parent.end_ns
        until = upto
        children = [_moved(child, shift) for child in trace.within(_moved(parent, -shift))]
        for child in sorted(children, key=lambda c: (-c.end_ns, -c.start_ns)):
            if (
                parent.start_ns < upto
                and child.start_ns < until
                and child.end_ns <= until + overlap
            ):
                earlier = child.end_ns - min(child.end_ns, upto)
                until = child.start_ns
                child = _moved(child, earlier)
                child = child._replace(start_ns=max(child.start_ns, parent.start_ns))
                found.append(Piece(parent.span, child.end_ns, upto))
                waiting.append((child, shift + earlier))
                upto = child.start_ns
        found.append(Piece(parent.span, parent.start_ns, upto))
    return sorted((one for one in found if one.start_ns < one.end_ns), key=lambda s: s.start_ns)


def _moved(piece: Piece, earlier_ns: int) -> Piece:
    return Piece(piece.span, piece.start_ns - earlier_ns, piece.end_ns - earlier_ns)
