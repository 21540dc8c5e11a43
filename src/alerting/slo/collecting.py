"""Good and total of each minute, counted once and kept as deltas that sum.

Each tick counts the running minute and the one before it, once a minute also the last ten, which
data often reaches late, and a bounded part of the past: what the data at hand has of an SLO's
window when it is first seen, what was missed while nobody counted, and what came later still. The
rows tell by themselves what was counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import structlog

from alerting.durations import MINUTE_NS
from alerting.slo.counted import Counted, counted_of, key_of
from alerting.slo.counting import SloQuerier, counted, question, sources_of
from alerting.slo.deltas import deltas
from alerting.slo.late import Late
from alerting.slo.minutes import Minutes, minute_of
from alerting.slo.model import Objective, Slo, Spans
from alerting.slo.report import window_of
from alerting.slo.stretches import Stretch, joined, less, missing, newest
from goldeneye.errors import GoldeneyeError, QueryFailed

log = structlog.get_logger(__name__)
LATE_DATA_MINUTES: Final = 10
# Of the past, one tick counts so often at most so many minutes; where these are too many for one
# query half of them, down to the least.
STRETCH_MINUTES: Final = 1_440
LEAST_STRETCH_MINUTES: Final = 15
STRETCHES_A_TICK: Final = 4
# So many SLOs of spans count one stretch together.
TOGETHER: Final = 8
# What fails for the least waits: it is rarely quick.
REST_MINUTES: Final = 5


class SloRow(NamedTuple):
    """A row of the table `slo_minutes`: to be added to the minute's other rows."""

    slo: str
    minute_ns: int
    good: float
    total: float
    service_name: str


class Stored(Protocol):
    """What was stored before."""

    def totals(self, slo: str, first: int, end: int) -> Minutes:
        """The sums by minute, zeros too, from `first` to before `end`. Raises GoldeneyeError."""
        ...


@dataclass(frozen=True)
class _Part:
    """One count's rows, and which minutes they settle."""

    key: str
    rows: Minutes
    stretch: Stretch
    recounted: int | None = None


@dataclass(frozen=True)
class Tick:
    """`rows` are to be stored at once; `failures` say by SLO why it was not counted."""

    rows: Sequence[SloRow]
    failures: Mapping[str, str]
    parts: Sequence[_Part] = ()


@dataclass(frozen=True)
class _Job:
    """What is to be counted; `known` is what is stored of it."""

    key: str
    known: Minutes
    stretch: Stretch
    recounted: int | None = None


@dataclass
class _State:
    """What is known of one count: its last minutes as stored, and which are to be counted yet."""

    counted: Counted
    minutes: Minutes
    left: tuple[Stretch, ...]
    recounted: int = -1
    # Why the last minutes could not be counted; in which minute it was `tried` again.
    failure: str = ""
    tried: int = -1
    stretch_minutes: int = STRETCH_MINUTES
    rests_until: int = 0

    def adapt(self, worked: bool, now: int) -> None:
        """To how much of the past one query can count."""
        if worked:
            self.stretch_minutes = min(self.stretch_minutes * 5 // 4, STRETCH_MINUTES)
        elif self.stretch_minutes == LEAST_STRETCH_MINUTES:
            self.rests_until = now + REST_MINUTES
        else:
            self.stretch_minutes = max(self.stretch_minutes // 2, LEAST_STRETCH_MINUTES)


@dataclass
class Collector:
    """For one thread. What `tick` found counts once it is `written`; else it is found again."""

    slos: Sequence[Slo]
    querier: SloQuerier
    stored: Stored
    late: Late
    _states: dict[str, _State] = field(default_factory=dict, init=False)
    _turn: int = field(default=0, init=False)
    _looked: int = field(default=-1, init=False)
    _oldest: list[int | None] = field(default_factory=list, init=False)

    def change(self, slos: Sequence[Slo]) -> None:
        """Other SLOs from now on; those that are the same go on."""
        same = {one.key: one for one in counted_of(slos)}
        self._states = {k: s for k, s in self._states.items() if same.get(k) == s.counted}
        self.slos = slos

    def tick(self, now_ns: int) -> Tick:
        """What is to be stored now. A query that fails holds up no other SLO."""
        now, failures = minute_of(now_ns), dict[str, str]()
        self._oldest.clear()
        self._look(now)
        jobs = [self._newest(one, now, failures) for one in counted_of(self.slos)]
        parts = self._counted([job for job in jobs if job is not None], failures)
        for key, state in self._states.items():
            state.failure = failures.get(key, "")
        parts += self._past(now, parts, failures)
        rows = [row for part in parts for row in self._rows(part)]
        return Tick(rows, failures, parts)

    def written(self, tick: Tick) -> None:
        """The tick's rows are stored."""
        for part in tick.parts:
            state = self._states[part.key]
            if part.recounted is not None:
                state.recounted = part.recounted
            state.left = less(state.left, part.stretch)
            self.late.done(part.key, part.stretch)
            both = state.minutes.plus(part.rows)
            state.minutes = both.where(both.minute > state.recounted - self._kept(state.counted))
        self.late.settle()

    def minutes(self, slo: Slo, objective: Objective) -> Minutes:
        """The minutes that alerts look at. Raises QueryFailed where they could not be counted."""
        state = self._states.get(key_of(slo, objective))
        if state is None:
            raise QueryFailed(f"the SLO {slo.name} is not counted yet")
        if state.failure:
            raise QueryFailed(state.failure)
        return state.minutes

    def _kept(self, counted: Counted) -> int:
        return max(counted.alert_minutes, LATE_DATA_MINUTES) + 2

    def _rows(self, part: _Part) -> list[SloRow]:
        slo = self._states[part.key].counted.slo
        columns = zip(part.rows.minute, part.rows.good, part.rows.total, strict=True)
        return [
            SloRow(part.key, int(minute) * MINUTE_NS, float(good), float(total), slo.service)
            for minute, good, total in columns
        ]

    def _newest(self, one: Counted, now: int, failures: dict[str, str]) -> _Job | None:
        """The last minutes; None where they wait, for which `failures` then has the reason."""
        state = self._states.get(one.key)
        if state is None:
            try:
                state = self._states[one.key] = self._begun(one, now)
            except GoldeneyeError as error:
                failures[one.key] = str(error)
                return None
        if state.failure:
            if state.tried == now:
                failures[one.key] = state.failure
                return None
            state.tried = now
        whole = state.recounted != now
        first = now - (LATE_DATA_MINUTES if whole else 1)
        if whole and state.recounted >= 0:
            # Where nobody counted for a while, what was late then is still to be corrected.
            state.left = joined([*state.left, (state.recounted + 1 - LATE_DATA_MINUTES, first)])
        return _Job(one.key, state.minutes, (first, now + 1), now if whole else None)

    def _begun(self, counted: Counted, now: int) -> _State:
        """Of an SLO that is new to this process: what is stored of its window, and what is not."""
        first, kept = window_of(counted.slo, now)[0], now - self._kept(counted)
        known = self.stored.totals(counted.key, min(first, kept), now + 1)
        if not self._oldest:
            self._oldest.append(self.querier.oldest_minute())
        (oldest,) = self._oldest
        left = missing(known.minute, max(first, now if oldest is None else oldest), now)
        if len(known.minute):
            last = int(known.minute[-1])
            left = joined([*left, (last - LATE_DATA_MINUTES, last + 1)])
        return _State(counted, known.where(known.minute > kept), left)

    def _look(self, now: int) -> None:
        """Before anything is counted, so that what is found is counted, now or later."""
        if self._looked == now:
            return
        self._looked = now
        try:
            self.late.look(counted_of(self.slos), now, LATE_DATA_MINUTES)
        except GoldeneyeError as error:
            log.warning("what came late is looked for again in a minute", reason=str(error))

    def _left(self, newer: _Part) -> tuple[Stretch, ...]:
        """What is to be counted yet, without what was just counted."""
        found = joined([*self._states[newer.key].left, *self.late.left(newer.key)])
        found = less(found, newer.stretch)
        return tuple(one for one in found if one[1] <= newer.stretch[0]) or found

    def _past(self, now: int, done: list[_Part], failures: dict[str, str]) -> list[_Part]:
        """Counts of the past of some SLOs, another one's first each time."""
        left = {one.key: self._left(one) for one in done}
        left = {key: found for key, found in left.items() if self._states[key].rests_until <= now}
        found = list[_Part]()
        for _ in range(STRETCHES_A_TICK):
            left = {key: stretches for key, stretches in left.items() if stretches}
            if not left:
                break
            keys, stretch = self._next(left)
            failed = dict[str, str]()
            found += self._again(keys, stretch, failed)
            for key in keys:
                state = self._states[key]
                state.adapt(key not in failed, now)
                is_light = state.stretch_minutes == STRETCH_MINUTES
                left[key] = less(left[key], stretch) if is_light else ()
            failures |= failed
        return found

    def _next(self, left: Mapping[str, tuple[Stretch, ...]]) -> tuple[list[str], Stretch]:
        """Whose turn it is; of spans also others of which the same is to be counted: one statement
        can do it."""
        self._turn += 1
        keys = list(left)
        start = self._turn % len(keys)
        first, *others = keys[start:] + keys[:start]
        stretch = self._stretch(first, left[first])
        if not self._is_of_spans(first):
            return [first], stretch
        same = [
            key
            for key in others
            if self._is_of_spans(key) and self._stretch(key, left[key]) == stretch
        ]
        return [first, *same[: TOGETHER - 1]], stretch

    def _stretch(self, key: str, left: tuple[Stretch, ...]) -> Stretch:
        return newest(left, self._states[key].stretch_minutes)

    def _is_of_spans(self, key: str) -> bool:
        indicator = self._states[key].counted.slo.indicator
        return all(isinstance(one, Spans) for one in sources_of(indicator))

    def _again(
        self, keys: Sequence[str], stretch: Stretch, failures: dict[str, str]
    ) -> Sequence[_Part]:
        try:
            known = [self.stored.totals(key, *stretch) for key in keys]
        except GoldeneyeError as error:
            failures |= dict.fromkeys(keys, str(error))
            return ()
        jobs = [_Job(key, one, stretch) for key, one in zip(keys, known, strict=True)]
        return self._asked(jobs, failures)

    def _counted(self, jobs: Sequence[_Job], failures: dict[str, str]) -> list[_Part]:
        """Those that failed the last time are asked apart: they may be why others would fail."""
        ill = [job for job in jobs if self._states[job.key].failure]
        well = [job for job in jobs if not self._states[job.key].failure]
        groups = [well, *([job] for job in ill)] if well else [[job] for job in ill]
        return [part for group in groups for part in self._asked(group, failures)]

    def _asked(self, jobs: Sequence[_Job], failures: dict[str, str]) -> list[_Part]:
        slos = [self._states[job.key].counted for job in jobs]
        asked = [
            question(one.slo.indicator, *job.stretch) for one, job in zip(slos, jobs, strict=True)
        ]
        try:
            answers = self.querier.ask(asked)
        except GoldeneyeError as error:
            answers = [error] * len(jobs)
        found = list[_Part]()
        for one, job, answer in zip(slos, jobs, answers, strict=True):
            if isinstance(answer, GoldeneyeError):
                failures[job.key] = str(answer)
                continue
            rows = counted(one.slo.indicator, one.objective, answer, job.stretch[0])
            added = deltas(rows, job.known, *job.stretch)
            found.append(_Part(job.key, added, job.stretch, job.recounted))
        return found
