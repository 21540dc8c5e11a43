"""Which times a query looks at: of each of its selectors, before anything is read."""

from collections.abc import Iterator
from typing import NamedTuple

from query.promql.functions.info import info_matchers
from query.promql.tree import At, Call, Edge, Matcher, Node, Range, Selector, Subquery, children


class Reach(NamedTuple):
    """A selector's matchers; samples after `start_ms` up to and with `end_ms`."""

    matchers: tuple[Matcher, ...]
    start_ms: int
    end_ms: int


class Reaches(NamedTuple):
    """What holds for the whole query: its own range, and how far selectors look back, in ms."""

    start_ms: int
    end_ms: int
    lookback_ms: int

    def of(self, node: Node) -> Iterator[Reach]:
        """Those of all selectors; perhaps more than is then looked at."""
        waiting = [(node, self.start_ms, self.end_ms)]
        while waiting:
            found, start, end = waiting.pop()
            match found:
                case Selector():
                    yield self._selector(found, start, end, self.lookback_ms)
                case Range():
                    yield self._selector(found.selector, start, end, found.range_ms)
                case Subquery():
                    start, end = self._moved(found.at, found.offset_ms, start, end)
                    waiting.append((found.inner, start - found.range_ms, end))
                case Call(function="info"):
                    yield Reach(info_matchers(found), start - self.lookback_ms, end)
                    waiting.append((found.arguments[0], start, end))
                case _:
                    waiting += ((child, start, end) for child in children(found))

    def _selector(self, selector: Selector, start: int, end: int, back_ms: int) -> Reach:
        start, end = self._moved(selector.at, selector.offset_ms, start, end)
        start -= back_ms
        if selector.extension:
            start, end = start - self.lookback_ms, end + self.lookback_ms
        return Reach(selector.matchers, start, end)

    def _moved(self, at: At, offset_ms: int, start: int, end: int) -> tuple[int, int]:
        if isinstance(at, Edge):
            at = self.start_ms if at is Edge.START else self.end_ms
        if at is not None:
            start = end = at
        return start - offset_ms, end - offset_ms
