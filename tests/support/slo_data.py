"""Data of SLO tests in memory: what happened when, and what was stored."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from alerting.durations import MINUTE_NS
from alerting.slo.arrivals import Arrival, Arrivals, ReadBy
from alerting.slo.collecting import SloRow, Tick
from alerting.slo.counting import Answer, Question, Series
from alerting.slo.minutes import Minutes
from alerting.slo.model import Promql, Source, Spans, Sql
from goldeneye.errors import GoldeneyeError, QueryFailed

# Values of one series by minute.
Values = dict[int, float]


@dataclass
class Data:
    """Answers an SloQuerier's questions: `broken` ones fail, `heavy` ones with all beside them."""

    spanned: dict[bool, Values] = field(default_factory=lambda: {True: {}, False: {}})
    queries: dict[str, list[Values]] = field(default_factory=dict)
    oldest: int | None = 0
    asked: list[tuple[int, int]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    heavy: set[str] = field(default_factory=set)
    jobs: list[int] = field(default_factory=list)
    most_minutes: int = 1 << 40
    arrivals: list[tuple[int, int]] = field(default_factory=list)
    later: int = 0
    looks: list[tuple[int, int, int]] = field(default_factory=list)
    deaf: bool = False

    def happened(self, minute: int, good: int, bad: int = 0, received: int | None = None) -> None:
        """Spans began in a minute, and were received in another."""
        self.arrivals.append((minute, minute if received is None else received))
        self.spanned[True][minute] = self.spanned[True].get(minute, 0) + good
        self.spanned[False][minute] = self.spanned[False].get(minute, 0) + good + bad

    def ask(self, questions: Sequence[Question]) -> Sequence[Answer | GoldeneyeError]:
        self.jobs.append(len(questions))
        if self.heavy and any(_words(one.sources[0]) in self.heavy for one in questions):
            raise QueryFailed("too heavy")
        return [self._answer(one) for one in questions]

    def _answer(self, asked: Question) -> Answer | GoldeneyeError:
        self.asked.append((asked.first, asked.end))
        if asked.end - asked.first > self.most_minutes:
            return QueryFailed("too many minutes")
        if _words(asked.sources[0]) in self.broken:
            return QueryFailed(f"{_words(asked.sources[0])} is broken")
        return [
            [series(one, asked.first, asked.end) for one in self._series(source)]
            for source in asked.sources
        ]

    def _series(self, source: Source) -> list[Values]:
        if isinstance(source, Spans):
            return [self.spanned[source.filter is not None]]
        return self.queries[_words(source)]

    def arrived(self, sources: Sequence[Source], since_ns: int, first: int, end: int) -> Arrivals:
        if self.deaf:
            raise QueryFailed("nobody can tell what arrived")
        self.looks.append((since_ns // MINUTE_NS, first, end))
        counts = Counter(
            (minute, received)
            for minute, received in self.arrivals
            if first <= minute < end and received * MINUTE_NS >= since_ns
        )
        rows = [Arrival(m, m + 1, received, n) for (m, received), n in counts.items()]
        return Arrivals({"all": rows}, [ReadBy(frozenset({"all"}), self.later)] * len(sources))

    def oldest_minute(self) -> int | None:
        return self.oldest


def _words(source: Source) -> str:
    match source:
        case Spans(service=service):
            return service
        case Promql(query):
            return query
        case Sql(statement):
            return statement


def series(values: Values, first: int, end: int) -> Series:
    inside = sorted((minute, value) for minute, value in values.items() if first <= minute < end)
    return Series(
        np.array([minute for minute, _ in inside], np.int64),
        np.array([value for _, value in inside], np.float64),
    )


@dataclass
class Table:
    """The rows of slo_minutes."""

    rows: dict[str, list[tuple[int, float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def append(self, tick: Tick) -> None:
        for row in tick.rows:
            self.rows[row.slo].append((row.minute_ns // MINUTE_NS, row.good, row.total))

    def totals(self, slo: str, first: int, end: int) -> Minutes:
        rows = [row for row in self.rows[slo] if first <= row[0] < end]
        return Minutes.of_deltas(*zip(*rows, strict=True)) if rows else Minutes.none()

    def events(self, slo: str) -> dict[int, tuple[float, float]]:
        """Good and total of the minutes in which anything happened."""
        sums = self.totals(slo, 0, 1 << 40)
        columns = zip(sums.minute, sums.good, sums.total, strict=True)
        return {int(minute): (good, total) for minute, good, total in columns if total}


@dataclass
class Remembered:
    """See alerting.slo.late.Since."""

    at_ns: int | None = None

    def since_ns(self) -> int | None:
        return self.at_ns

    def keep(self, since_ns: int) -> None:
        self.at_ns = since_ns


class Counted(Data):
    """See alerting.engine.slo_loop.SloData: what happened, and the table that is written."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Table()

    def totals(self, slo: str, first: int, end: int) -> Minutes:
        return self.table.totals(slo, first, end)

    def write(self, rows: Sequence[SloRow]) -> None:
        self.table.append(Tick(rows, {}))
