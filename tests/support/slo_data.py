"""Data of SLO tests in memory: what happened when, and what was stored."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from alerting.slo.collecting import Tick
from alerting.slo.counting import Series
from alerting.slo.minutes import MINUTE_NS, Minutes
from alerting.slo.model import Spans
from goldeneye.errors import QueryFailed

# Values of one series by minute.
Values = dict[int, float]


@dataclass
class Data:
    """Answers of an SloQuerier: spans by (operation, filtered), queries and statements by text."""

    spanned: dict[bool, Values] = field(default_factory=lambda: {True: {}, False: {}})
    queries: dict[str, list[Values]] = field(default_factory=dict)
    oldest: int | None = 0
    asked: list[tuple[int, int]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def happened(self, minute: int, good: int, bad: int = 0) -> None:
        """Spans began in a minute."""
        self.spanned[True][minute] = self.spanned[True].get(minute, 0) + good
        self.spanned[False][minute] = self.spanned[False].get(minute, 0) + good + bad

    def spans(self, sources: Sequence[Spans], first: int, end: int) -> Sequence[Series]:
        self._note(sources[0].service, first, end)
        return [series(self.spanned[one.filter is not None], first, end) for one in sources]

    def promql(self, query: str, first: int, end: int, each: bool) -> Sequence[Series]:
        self._note(query, first, end)
        return [series(one, first, end) for one in self.queries[query]]

    def sql(self, statement: str, first: int, end: int) -> Sequence[Series]:
        return self.promql(statement, first, end, False)

    def oldest_minute(self) -> int | None:
        return self.oldest

    def _note(self, what: str, first: int, end: int) -> None:
        self.asked.append((first, end))
        if what in self.broken:
            raise QueryFailed(f"{what} is broken")


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
