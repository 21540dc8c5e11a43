"""Answers selectors from what is stored."""

from collections.abc import Callable, Sequence
from typing import Final

from query.asking.reader import Reader
from query.prometheus.stored.blocks import Block, assembled
from query.prometheus.stored.classic import classic
from query.prometheus.stored.families import Family, Named, families, of_name
from query.prometheus.stored.native import custom, exponential
from query.prometheus.stored.numbers import numbers
from query.prometheus.stored.series import series_of
from query.prometheus.stored.span import Span
from query.prometheus.stored.span_metrics import NAMES as SPAN_METRICS
from query.prometheus.stored.span_metrics import span_metrics
from query.prometheus.stored.summaries import summaries
from query.prometheus.stored.targets import target_infos
from query.prometheus.stored.wanted import Wanted, together, wanted_series
from query.promql.labels import METRIC_NAME
from query.promql.matching import passing
from query.promql.naming.families import TARGET_INFO
from query.promql.samples import SeriesSet
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


class StoredSource:
    """See query.promql.source.Source; for one query."""

    def __init__(self, reader: Reader, lookback_ms: int) -> None:
        self._reader = reader
        self._lookback_ms = lookback_ms
        self._known: dict[tuple[int | None, int | None], list[Named]] = {}

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """The samples in (start_ms, end_ms]. Raises TooManySamples, and what Reader.read does."""
        span = Span(start_ms, end_ms)
        blocks = [*self._of_metrics(matchers, span), *self._made(matchers, span)]
        return assembled(blocks, start_ms, end_ms)

    def _of_metrics(self, matchers: Sequence[Matcher], span: Span) -> list[Block]:
        early = span.since(self._lookback_ms)
        named = of_name(self._families(early), matchers)
        if not named:
            return []
        known = series_of(self._reader, early, {one.family.name for one in named})
        kinds: dict[tuple[str, bool], list[Wanted]] = {}
        for family, wanted in wanted_series(named, known, matchers).items():
            if family.kind == "exemplars":
                continue
            kinds.setdefault((_reader_of(family), family.is_delta), []).append(wanted)
        blocks: list[Block] = []
        for (kind, is_delta), several in kinds.items():
            within = early if is_delta else span
            blocks += _READERS[kind](self._reader, within, together(several), is_delta)
        return blocks

    def _made(self, matchers: Sequence[Matcher], span: Span) -> list[Block]:
        """Those that nobody sent."""
        names = made_names(matchers)
        blocks: list[Block] = []
        early = span.since(self._lookback_ms)
        if TARGET_INFO in names:
            blocks += target_infos(self._reader, span, self._lookback_ms, tuple(matchers))
        of_spans = [name for name in names if name != TARGET_INFO]
        if of_spans:
            blocks += span_metrics(self._reader, early, of_spans, matchers)
        return blocks

    def _families(self, span: Span) -> list[Named]:
        if span not in self._known:
            self._known[span] = families(self._reader, span)
        return self._known[span]


def made_names(matchers: Sequence[Matcher]) -> list[str]:
    """The names of metrics that nobody sent, as far as the matchers let them through."""
    about_names = [one for one in matchers if one.name == METRIC_NAME]
    labels = [((METRIC_NAME, name),) for name in (TARGET_INFO, *SPAN_METRICS)]
    return [pairs[0][1] for pairs in passing(about_names, labels)]


def _reader_of(family: Family) -> str:
    return family.kind if family.kind == "custom_histogram" else family.type
