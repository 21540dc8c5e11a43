"""Answers selectors from what is stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from query.prometheus.reader import Reader
from query.prometheus.stored.blocks import Block, assembled
from query.prometheus.stored.by_hour import by_hour
from query.prometheus.stored.chosen import chosen
from query.prometheus.stored.classic import classic
from query.prometheus.stored.families import Named, families, of_name
from query.prometheus.stored.family import Family
from query.prometheus.stored.made import is_made, made_blocks
from query.prometheus.stored.native import custom, exponential
from query.prometheus.stored.numbers import numbers
from query.prometheus.stored.series import ids_of, series_matching, series_with
from query.prometheus.stored.series_ids import Ids
from query.prometheus.stored.span import Bounds, Span
from query.prometheus.stored.summaries import summaries
from query.prometheus.stored.wanted import Wanted, together, wanted_series
from query.promql.samples import SeriesSet
from query.promql.standing import Standing
from query.promql.tree import Matcher

Readers = Callable[[Reader, Span, Wanted, bool], list[Block]]
_READERS: Final[dict[str, Readers]] = {
    "gauge": numbers,
    "sum": numbers,
    "histogram": classic,
    "exponential_histogram": exponential,
    "custom_histogram": custom,
    "summary": summaries,
}
# Their values are those of the points.
_ROLLED_UP: Final = {("gauge", False), ("sum", False)}


class StoredSource:
    """See query.promql.source.Source; for the queries of one job."""

    def __init__(self, reader: Reader, lookback_ms: int) -> None:
        self._reader = reader
        self._lookback_ms = lookback_ms
        self._known: dict[Bounds, list[Named]] = {}
        self._ids: dict[tuple[Bounds, frozenset[str]], Ids] = {}

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """The samples in (start_ms, end_ms]. Raises TooManySamples, and what Reader.read does."""
        span = Span(start_ms, end_ms)
        early = span.since(self._lookback_ms)
        named = of_name(self._families(early), matchers)
        blocks: list[Block] = []
        if named:
            wanted = series_matching(self._reader, early, named, matchers)
            blocks += self._blocks(wanted, span)
        blocks += made_blocks(self._reader, span, self._lookback_ms, matchers)
        return assembled(blocks, start_ms, end_ms)

    def parts(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        standing: Standing | None = None,
    ) -> Iterator[SeriesSet]:
        """As `select`, at most so many samples at a time as take some hundred MiB."""
        span = Span(start_ms, end_ms)
        early = span.since(self._lookback_ms)
        named = of_name(self._families(early), matchers)
        if is_made(matchers) or not named or any(_is_native(one.family) for one in named):
            yield self.select(matchers, start_ms, end_ms)
            return
        every = self._ids_of(early, frozenset(one.family.name for one in named))
        several = chosen(self._reader, early, named, matchers, every)
        is_delta = any(one.family.is_delta for one in named)
        for parts in several.passes(self._reader, early if is_delta else span):
            self._reader.expect(parts)
            for ids in parts:
                known = series_with(self._reader, early, several.names, ids, several.among)
                wanted = wanted_series(named, known, matchers, several.among)
                yield assembled(self._blocks(wanted, span, standing), start_ms, end_ms)
        self._reader.expect([])

    def _blocks(
        self, families: Mapping[Family, Wanted], span: Span, standing: Standing | None = None
    ) -> list[Block]:
        kinds: dict[tuple[str, bool], list[Wanted]] = {}
        for family, wanted in families.items():
            if family.kind != "exemplars":
                kinds.setdefault((_reader_of(family), family.is_delta), []).append(wanted)
        if standing is not None and kinds.keys() <= _ROLLED_UP:
            everything = together([one for several in kinds.values() for one in several])
            return by_hour(self._reader, span, everything, standing)
        blocks: list[Block] = []
        for (kind, is_delta), several in kinds.items():
            within = span.since(self._lookback_ms) if is_delta else span
            blocks += _READERS[kind](self._reader, within, together(several), is_delta)
        return blocks

    def _ids_of(self, span: Span, names: frozenset[str]) -> Ids:
        key = span.days_ns, names
        if key not in self._ids:
            self._ids[key] = ids_of(self._reader, span, names)
        return self._ids[key]

    def _families(self, span: Span) -> list[Named]:
        days = span.days_ns
        if days not in self._known:
            self._known[days] = families(self._reader, span)
        return self._known[days]


def _is_native(family: Family) -> bool:
    return _READERS.get(_reader_of(family)) in (custom, exponential)


def _reader_of(family: Family) -> str:
    return family.kind if family.kind == "custom_histogram" else family.type
