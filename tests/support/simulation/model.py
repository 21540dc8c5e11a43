"""What must be in the storage, what may be, and what must not."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from goldeneye.schemas import SIGNALS, OwnTable, Signal

Table = str
ROWS_OF_SIGNAL: Mapping[Signal | OwnTable, Table] = {
    "traces": "spans",
    "logs": "logs",
    "metrics": "metric_points",
    "alert_events": "alert_events",
}
# `doubtful`: the process died before it could answer. `refused`: it answered with an error.
State = Literal["acknowledged", "refused", "doubtful", "absent"]


class Bounds(NamedTuple):
    """How often a row may be seen; `was_there`: where it is not, retention took it."""

    low: int
    high: int
    time_ns: int
    was_there: bool


@dataclass
class Row:
    """One item. `is_gone`: retention took it. `may_go`: it takes by size, perhaps this one."""

    number: int
    time_ns: int
    is_gone: bool = False
    may_go: bool = False


@dataclass
class Request:
    """One body and what became of it; all of its rows or none."""

    tenant: str
    signal: Signal | OwnTable
    rows: list[Row]
    received_ns: int
    life: int
    state: State = "doubtful"

    def __str__(self) -> str:
        numbers = [row.number for row in self.rows]
        return f"{self.signal} of {self.tenant}: {numbers}"

    @property
    def table(self) -> Table:
        return ROWS_OF_SIGNAL[self.signal]

    @property
    def body(self) -> bytes:
        return json.dumps([[row.number, row.time_ns] for row in self.rows]).encode()


@dataclass
class Expected:
    """What one tenant's snapshot may show, as of one instant: rows by table and number.

    `whole`: of these rows all are there or none. `all_derived`: what is derived from rows is kept
    longer than they are.
    """

    bounds: dict[Table, dict[int, Bounds]]
    whole: list[tuple[Table, list[int]]]
    all_derived: bool


@dataclass
class Model:
    """`max_age_ns` by table; `life` counts the starts of the process."""

    max_age_ns: Mapping[Table, int]
    has_size_limit: bool
    life: int = 0
    requests: list[Request] = field(default_factory=list)

    def expected(self, tenant: str, now_ns: int) -> Expected:
        tables: dict[Table, dict[int, Bounds]] = {table: {} for table in ROWS_OF_SIGNAL.values()}
        found = Expected(tables, [], not self.has_size_limit)
        for request in self.requests:
            if request.tenant != tenant:
                continue
            for row in request.rows:
                bounds = self._bounds(request, row, now_ns)
                found.bounds[request.table][row.number] = bounds
            if request.state in ("refused", "doubtful"):
                alive = [
                    row.number for row in request.rows if not self._may_go(request, row, now_ns)
                ]
                found.whole.append((request.table, alive))
        return found

    def _bounds(self, request: Request, row: Row, now_ns: int) -> Bounds:
        # What was refused is not there; a crash alone may bring it back.
        cannot_be = request.state == "refused" and request.life == self.life
        was_there = request.state == "acknowledged"
        if row.is_gone or cannot_be or request.state == "absent":
            return Bounds(0, 0, row.time_ns, was_there)
        must_be = was_there and not self._may_go(request, row, now_ns)
        return Bounds(int(must_be), 1, row.time_ns, was_there)

    def _may_go(self, request: Request, row: Row, now_ns: int) -> bool:
        age_ns = now_ns - request.received_ns
        return row.is_gone or row.may_go or age_ns > self.max_age_ns[request.table]

    def loosen(self) -> None:
        """Retention by size runs: any row may go."""
        for row in self._rows():
            row.may_go = True

    def learn(self, tenant: str, seen: Mapping[Table, Iterable[int]], now_ns: int) -> None:
        """What retention took does not come back; what it left is safe for now."""
        numbers = {table: set(found) for table, found in seen.items()}
        for request in self.requests:
            if request.tenant != tenant or request.state != "acknowledged":
                continue
            for row in request.rows:
                if row.number in numbers[request.table]:
                    row.may_go = False
                elif self._may_go(request, row, now_ns):
                    row.is_gone = True

    def settle(self, tenant: str, seen: Mapping[Table, Iterable[int]]) -> None:
        """All is in files, of the log nothing is left: no doubt remains."""
        numbers = {table: set(found) for table, found in seen.items()}
        for request in self.requests:
            if request.tenant == tenant and request.state in ("refused", "doubtful"):
                there = any(row.number in numbers[request.table] for row in request.rows)
                request.state = "acknowledged" if there else "absent"

    def unanswered(self) -> list[Request]:
        """What clients sent and the last life did not answer."""
        return [
            request
            for request in self.requests
            if request.state == "doubtful"
            and request.life == self.life - 1
            and request.signal in SIGNALS
        ]

    def _rows(self) -> Iterator[Row]:
        for request in self.requests:
            yield from request.rows
