"""The walk over one trace in plain Python, as docs/api/bottlenecks.md states it."""

from query.bottlenecks.trace import Piece, Trace, overlap_ns


def sections(trace: Trace, tolerance: float = 0.0) -> list[Piece]:
    """The critical path, by time: disjoint pieces that together take as long as the root."""
    found = []
    waiting = [piece for piece in [trace.whole()] if piece is not None]
    while waiting:
        parent = waiting.pop()
        overlap, upto = overlap_ns(parent, tolerance), parent.end_ns
        latest = sorted(trace.within(parent), key=lambda c: (-c.end_ns, -c.start_ns))
        for child in latest:
            if child.start_ns < upto and child.end_ns <= upto + overlap:
                end_ns = min(child.end_ns, upto)
                found.append(Piece(parent.span, end_ns, upto))
                waiting.append(child._replace(end_ns=end_ns))
                upto = child.start_ns
        found.append(Piece(parent.span, parent.start_ns, upto))
    return sorted((one for one in found if one.start_ns < one.end_ns), key=lambda s: s.start_ns)
