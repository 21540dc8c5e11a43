"""Good and total of a range of minutes, as the data at hand has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from alerting.slo.arrivals import Arrivals
from alerting.slo.increases import BASE_MINUTES, increases
from alerting.slo.minutes import Floats, Integers, Minutes
from alerting.slo.model import (
    BadRatio,
    GoodRatio,
    Indicator,
    Objective,
    RawRatio,
    Source,
    Spans,
    Threshold,
)
from alerting.slo.observed import observed
from goldeneye.errors import GoldeneyeError


@dataclass(frozen=True, eq=False)
class Series:
    """Values of minutes since the epoch, in order of time, at most one a minute."""

    minute: Integers
    value: Floats


# Of each source its series.
Answer = Sequence[Sequence[Series]]


@dataclass(frozen=True)
class Question:
    """What an indicator asks: its sources, of the minutes from `first` to before `end`.

    With `each`, what an outermost `sum` of PromQL adds is wanted one by one: of a sum nobody can
    tell whether a part of it began anew.
    """

    sources: tuple[Source, ...]
    first: int
    end: int
    each: bool = False


class SloQuerier(Protocol):
    """What an answer leaves out is taken for not having happened: one that is not whole is none.

    Of spans it is how many began in each minute; of PromQL the values at the end of each minute;
    of SQL the columns `minute` and `value`, where all others tell one series from another.
    """

    def ask(self, questions: Sequence[Question]) -> Sequence[Answer | GoldeneyeError]:
        """The answers, or why there is none, in their order.

        Raises GoldeneyeError where there is none to any. A question's sources are answered of one
        instant where they are spans.
        """
        ...

    def arrived(self, sources: Sequence[Source], since_ns: int, first: int, end: int) -> Arrivals:
        """Rows received since an instant, of the minutes from `first` to before `end`, that these
        sources may read. Raises GoldeneyeError."""
        ...

    def oldest_minute(self) -> int | None:
        """The oldest minute that there is any data of. Raises GoldeneyeError."""
        ...


def sources_of(indicator: Indicator) -> tuple[Source, ...]:
    """In the order of their answers."""
    match indicator:
        case GoodRatio(part, total) | BadRatio(part, total):
            return part, total
        case RawRatio(source) | Threshold(source):
            return (source,)


def base_minutes(indicator: Indicator, source: Source) -> int:
    """For how many minutes a value of the source is what later ones grow from."""
    counter = isinstance(indicator, GoodRatio | BadRatio) and indicator.counter
    return BASE_MINUTES if counter and not isinstance(source, Spans) else 0


def question(indicator: Indicator, first: int, end: int) -> Question:
    """What is asked for the minutes from `first` to before `end`."""
    counter = isinstance(indicator, GoodRatio | BadRatio) and indicator.counter
    base = BASE_MINUTES if counter else 0
    return Question(sources_of(indicator), first - base, end, counter)


def counted(indicator: Indicator, objective: Objective, answer: Answer, first: int) -> Minutes:
    """Good and total from `first` on, of the answer to the indicator's question."""
    if not isinstance(indicator, GoodRatio | BadRatio):
        return observed(indicator, objective, *_together(answer[0]))
    sources = (
        (indicator.good if isinstance(indicator, GoodRatio) else indicator.bad),
        indicator.total,
    )
    part, total = (
        [_events(one, indicator.counter and not isinstance(source, Spans), first) for one in series]
        for source, series in zip(sources, answer, strict=True)
    )
    minute, totals = _summed(total)
    return observed(indicator, objective, minute, _at(minute, *_summed(part)), totals)


def _events(series: Series, counter: bool, first: int) -> Series:
    if counter:
        return Series(*increases(series.minute, series.value, first))
    asked = series.minute >= first
    return Series(series.minute[asked], series.value[asked])


def _at(minute: Integers, minutes: Integers, values: Floats) -> Floats:
    """Without a value there was no such event; what is no number is not known."""
    found = np.zeros(len(minute))
    has = np.isin(minute, minutes)
    found[has] = values[np.searchsorted(minutes, minute[has])]
    return found


def _together(series: Sequence[Series]) -> tuple[Integers, Floats]:
    minutes = [np.zeros(0, np.int64), *(one.minute for one in series)]
    values = [np.zeros(0), *(one.value for one in series)]
    return np.concatenate(minutes), np.concatenate(values)


def _summed(series: Sequence[Series]) -> tuple[Integers, Floats]:
    """One value a minute, which is no number where one of its parts is none."""
    minute, value = _together(series)
    unique, row = np.unique(minute, return_inverse=True)
    return unique, np.bincount(row, value, len(unique)).astype(np.float64)
