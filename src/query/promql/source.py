"""Where samples come from."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from query.promql.samples import SeriesSet
from query.promql.standing import Standing
from query.promql.tree import Matcher


class Source(Protocol):
    """Answers selectors; storage and tests each have one."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """The samples after `start_ms` up to and with `end_ms` of each series that matches.

        Stale markers are among the floats. Series without such samples may be left out.
        """
        ...

    def parts(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        standing: Standing | None = None,
    ) -> Iterator[SeriesSet]:
        """What `select` gives, some series at a time where they are many.

        With `standing` one sample may stand for all of an hour.
        No label set is in two parts; where there are several, no part has native histograms.
        """
        ...


class Whole:
    """A source whose samples are in memory anyway: one part."""

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> SeriesSet:
        """See Source."""
        raise NotImplementedError

    def parts(
        self,
        matchers: Sequence[Matcher],
        start_ms: int,
        end_ms: int,
        standing: Standing | None = None,
    ) -> Iterator[SeriesSet]:
        """See Source."""
        yield self.select(matchers, start_ms, end_ms)
