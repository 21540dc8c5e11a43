"""One trace's spans as a tree, in plain Python: where the native core is missing, and beside it
in its tests."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Self

from query.bottlenecks.columns import CONSUMER, PRODUCER


class Span(NamedTuple):
    """Times in ns; an empty text is none."""

    span_id: str | None
    parent_span_id: str | None
    start_ns: int | None
    end_ns: int | None
    kind: str | None = None


class Piece(NamedTuple):
    """A span, by its index in its trace, from `start_ns` to `end_ns`."""

    span: int
    start_ns: int
    end_ns: int


class Trace(NamedTuple):
    """`children` are those that their parent waits for, in the order in which one of several
    equal ones is taken: by start, longest first, then by id."""

    spans: Sequence[Span]
    root: int | None
    root_count: int
    children: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, spans: Sequence[Span], root_id: str | None = None) -> Self:
        """The tree below the span with that id, or below the trace's own root."""
        order = sorted(range(len(spans)), key=lambda span: _order(spans[span]))
        by_id = {spans[span].span_id: span for span in reversed(order) if spans[span].span_id}
        parents = {span: by_id.get(spans[span].parent_span_id or None) for span in order}
        if root_id:
            named = by_id.get(root_id)
            root = named if named is not None and _is_timed(spans[named]) else None
        else:
            root = _own_root(spans, order, parents)
        children = defaultdict(list)
        for span, parent in parents.items():
            if parent is not None and span != root and _waits(spans[parent], spans[span]):
                children[parent].append(span)
        root_count = sum(parent is None for parent in parents.values())
        return cls(spans, root, root_count, children)

    def whole(self) -> Piece | None:
        """The root."""
        if self.root is None:
            return None
        span = self.spans[self.root]
        return Piece(self.root, span.start_ns or 0, span.end_ns or 0)

    def within(self, parent: Piece) -> list[Piece]:
        """Its children, cut to its times; without those of which nothing is left."""
        found = []
        for child in self.children.get(parent.span, ()):
            span = self.spans[child]
            if _is_timed(span):
                start_ns = max(span.start_ns or 0, parent.start_ns)
                end_ns = min(span.end_ns or 0, parent.end_ns)
                if start_ns < end_ns:
                    found.append(Piece(child, start_ns, end_ns))
        return found


def overlap_ns(parent: Piece, tolerance: float) -> int:
    """How long children of the parent may overlap and still count as one after the other."""
    return int(tolerance * (parent.end_ns - parent.start_ns))


def _own_root(
    spans: Sequence[Span], order: Sequence[int], parents: Mapping[int, int | None]
) -> int | None:
    """The first without a parent, else whose parent is not there, else (in a cycle) of all."""
    timed = [span for span in order if _is_timed(spans[span])]
    rank = {span: (bool(spans[span].parent_span_id), parents[span] is not None) for span in timed}
    return min(timed, key=rank.__getitem__, default=None)


def _order(span: Span) -> tuple[float, float, str]:
    if not _is_timed(span):
        return (float("inf"), 0, span.span_id or "")
    return (span.start_ns or 0, -(span.end_ns or 0), span.span_id or "")


def _is_timed(span: Span) -> bool:
    return span.start_ns is not None and span.end_ns is not None and span.start_ns <= span.end_ns


def _waits(parent: Span, child: Span) -> bool:
    return not (parent.kind == PRODUCER and child.kind == CONSUMER)
