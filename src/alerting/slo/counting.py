"""Good and total of a range of minutes, as the data at hand has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from alerting.slo.increases import BASE_MINUTES, increases
from alerting.slo.minutes import Floats, Integers, Minutes
from alerting.slo.model import (
    BadRatio,
    GoodRatio,
    Indicator,
    Objective,
    Promql,
    RawRatio,
    Source,
    Spans,
    Threshold,
)
from alerting.slo.observed import observed


@dataclass(frozen=True, eq=False)
class Series:
    """Values of minutes since the epoch, in order of time, at most one a minute."""

    minute: Integers
    value: Floats


class SloQuerier(Protocol):
    """Answers for the minutes from `first` to before `end`. All raise GoldeneyeError.

    What it answers must be whole: what it leaves out would be taken for not having happened.
    """

    def spans(self, sources: Sequence[Spans], first: int, end: int) -> Sequence[Series]:
        """For each of the sources how many spans began in each minute."""
        ...

    def promql(self, query: str, first: int, end: int, each: bool) -> Sequence[Series]:
        """A query's values at the end of each minute.

        With `each`, what an outermost `sum` adds is given one by one: of a sum nobody can tell
        whether a part of it began anew.
        """
        ...

    def sql(self, statement: str, first: int, end: int) -> Sequence[Series]:
        """A statement's columns `minute` and `value`; all others tell one series from another."""
        ...

    def oldest_minute(self) -> int | None:
        """The oldest minute that there is any data of."""
        ...


def count(
    querier: SloQuerier, indicator: Indicator, objective: Objective, first: int, end: int
) -> Minutes:
    """Good and total from `first` to before `end`. Raises GoldeneyeError."""
    asked = _Asked(querier, first, end)
    match indicator:
        case GoodRatio(part, total, counter) | BadRatio(part, total, counter):
            return asked.ratio(indicator, objective, (part, total), counter)
        case RawRatio(source) | Threshold(source):
            minute, value = _together(asked.series(source))
            return observed(indicator, objective, minute, value)


@dataclass(frozen=True)
class _Asked:
    querier: SloQuerier
    first: int
    end: int

    def ratio(
        self,
        indicator: Indicator,
        objective: Objective,
        sources: tuple[Source, Source],
        counter: bool,
    ) -> Minutes:
        part, total = self._pair(*sources, counter)
        minute, totals = _summed(total)
        minutes, values = _summed(part)
        # Without a value there was no such event; what is no number is not known.
        found = np.zeros(len(minute))
        at = np.searchsorted(minutes, minute)
        has = (at < len(minutes)) & np.isin(minute, minutes)
        found[has] = values[at[has]]
        return observed(indicator, objective, minute, found, totals)

    def _pair(
        self, part: Source, total: Source, counter: bool
    ) -> tuple[Sequence[Series], Sequence[Series]]:
        if isinstance(part, Spans) and isinstance(total, Spans):
            # At once, so that what arrives between two questions is not in one of them alone.
            some, every = self.querier.spans((part, total), self.first, self.end)
            return (some,), (every,)
        return self._events(part, counter), self._events(total, counter)

    def _events(self, source: Source, counter: bool) -> Sequence[Series]:
        if not counter or isinstance(source, Spans):
            return self.series(source)
        grown = self._values(source, self.first - BASE_MINUTES, each=True)
        return [Series(*increases(one.minute, one.value, self.first)) for one in grown]

    def series(self, source: Source) -> Sequence[Series]:
        if isinstance(source, Spans):
            return self.querier.spans((source,), self.first, self.end)
        return self._values(source, self.first, each=False)

    def _values(self, source: Source, first: int, each: bool) -> Sequence[Series]:
        if isinstance(source, Promql):
            return self.querier.promql(source.query, first, self.end, each)
        assert not isinstance(source, Spans)
        return self.querier.sql(source.statement, first, self.end)


def _together(series: Sequence[Series]) -> tuple[Integers, Floats]:
    minutes = [np.zeros(0, np.int64), *(one.minute for one in series)]
    values = [np.zeros(0), *(one.value for one in series)]
    return np.concatenate(minutes), np.concatenate(values)


def _summed(series: Sequence[Series]) -> tuple[Integers, Floats]:
    """One value a minute, which is no number where one of its parts is none."""
    minute, value = _together(series)
    unique, row = np.unique(minute, return_inverse=True)
    return unique, np.bincount(row, value, len(unique)).astype(np.float64)
