"""Evaluates each group at its times, and keeps what comes of it before anybody is told."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import structlog

from alerting.alert import Alert
from alerting.durations import MILLISECOND_NS
from alerting.engine import rule_metrics
from alerting.engine.event_lines import event_lines, lines_of
from alerting.engine.moving import Moved, gone, moved
from alerting.engine.planned import Planned, Running
from alerting.rules.asking_ahead import asked_ahead
from alerting.rules.definitions import AlertingRule
from alerting.rules.group import Outcome, RuleState, Surroundings, evaluate
from alerting.rules.instance import Instances
from alerting.rules.recording import Recorded, ended
from alerting.rules.schedule import Slot
from alerting.rules.sending import Sent, send, validity_ns
from alerting.state.alert_events import AlertEvents
from alerting.state.database import Database
from alerting.state.groups import GroupStates, SavedGroup
from goldeneye.clock import Clock
from goldeneye.errors import GoldeneyeError, StorageUnavailable

log = structlog.get_logger(__name__)
Key = tuple[str, str]
# Told of alerts; `lasting` ones nobody will report again.
Report = Callable[[Sequence[Alert], bool], None]
# Keeps lasting ones before they are told. Raises StorageUnavailable.
Keep = Callable[[Sequence[Alert]], None]


@dataclass(frozen=True, slots=True)
class Change:
    """Another plan that is kept already: the groups that go on, and what the others leave."""

    stay: Sequence[Moved]
    lasting: Sequence[Alert]
    ended: Sequence[tuple[Surroundings, Sequence[Recorded]]]


class RuleLoop:
    """Lives in one event loop; evaluations run in `threads`."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        threads: Executor,
        default_interval_ns: int,
        surroundings: Surroundings,
        report: Report,
        keep: Keep,
    ) -> None:
        """`surroundings` are those of groups that are no longer there.

        Raises StorageUnavailable.
        """
        self._database = database
        self._states = GroupStates(database)
        self._events = AlertEvents(database)
        self._clock = clock
        self._threads = threads
        self._default_interval_ns = default_interval_ns
        self._surroundings = surroundings
        self._report = report
        self._keep_alerts = keep
        self._saved = {one.group.key: one for one in self._states.all()}
        self._running: Mapping[Key, Running] = {}
        self._tasks = set[asyncio.Task[None]]()

    @property
    def running(self) -> Sequence[Running]:
        """All groups, in the order of their files."""
        return list(self._running.values())

    def prepared(self, plan: Sequence[Planned]) -> Change:
        """Keeps what is known of groups as they are to be evaluated, for `replace`.

        Part of a transaction: nothing is changed but what is kept. Raises StorageUnavailable.
        """
        now_ns = self._clock.now_ns()
        stay, leave = self._stay(plan, now_ns), self._leave(plan, now_ns)
        for one in (*stay, *leave):
            self._keep(one)
        lasting = [alert for one in (*stay, *leave) for alert in self._last_reports(one, now_ns)]
        self._keep_alerts(lasting)
        at_ms = now_ns // MILLISECOND_NS
        return Change(
            stay,
            lasting,
            [
                (one.planned.surroundings, ended(one.carried.ended, frozenset(), at_ms))
                for one in (*stay, *leave)
                if one.carried.ended
            ],
        )

    def replace(self, change: Change) -> None:
        """Evaluate these groups from now on; what is known of rules that stay goes on."""
        before = self.running
        self._running = {one.planned.group.key: one.running for one in change.stay if one.running}
        self._saved = {}
        rule_metrics.forget(before, self.running)
        if change.lasting:
            self._report(change.lasting, True)
        for surroundings, stale in change.ended:
            self._threads.submit(_write, surroundings, stale)

    def restored(self) -> list[Alert]:
        """What is known of alerts before the first evaluation after a start, which comes later."""
        running = self._running.values()
        return [alert for one in running for alert in self._sent(one, one.states, one.last_ns)[1]]

    def lasting(self, now_ns: int) -> list[Alert]:
        """What fires, to go on from now: where nobody ran for long, its end was not seen."""
        alerts = list[Alert]()
        for one in self._running.values():
            valid_until_ns = now_ns + validity_ns(one.schedule.interval_ns)
            unsent = tuple(_unsent(state) for state in one.states)
            found = self._sent(one, unsent, one.last_ns)[1]
            alerts += [replace(each, ends_at_ns=valid_until_ns) for each in found if each.timeout]
        return alerts

    def tick(self) -> int | None:
        """Begin what is due; when something is due next, None where there is nothing."""
        now_ns = self._clock.now_ns()
        timed = [one for one in self._running.values() if one.planned.kind == "rules"]
        for running in timed:
            slot = running.schedule.due(running.last_ns, now_ns)
            if slot is not None and not running.busy:
                self._begin(running, slot)
        return min((one.schedule.next_after(now_ns) for one in timed), default=None)

    async def evaluate_slos(self) -> None:
        """The groups of SLOs have no times of their own: they follow the counts."""
        now_ns = self._clock.now_ns()
        due = [one for one in self._running.values() if one.planned.kind == "slo"]
        begun = [self._begin(one, Slot(now_ns, 0)) for one in due if not one.busy]
        await asyncio.gather(*begun)

    def _begin(self, running: Running, slot: Slot) -> "asyncio.Task[None]":
        running.busy = True
        task = asyncio.get_running_loop().create_task(self._evaluate(running, slot))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def idle(self) -> None:
        """Until all evaluations that have begun are over."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _evaluate(self, running: Running, slot: Slot) -> None:
        started_s = self._clock.monotonic_s()
        planned, loop = running.planned, asyncio.get_running_loop()
        try:
            outcome = await loop.run_in_executor(
                self._threads, _evaluated, planned, running.states, slot.at_ns
            )
            running.duration_s = self._clock.monotonic_s() - started_s
            # Where the plan changed meanwhile, the next one begins from what was kept then.
            if self._running.get(planned.group.key) is running:
                self._finish(running, slot, outcome)
        except Exception as error:
            # A defect that one group meets must not end its evaluations for good.
            log.exception("an evaluation failed in a way that is not expected")
            running.error = f"unexpected {type(error).__name__}: {error}"
            rule_metrics.count_failure(running)
        finally:
            running.busy = False
            running.last_ns = slot.at_ns

    def _finish(self, running: Running, slot: Slot, outcome: Outcome) -> None:
        rule_metrics.measure(running, slot, outcome)
        running.missed += slot.missed
        group = running.planned.group
        states, alerts = self._sent(running, outcome.states, slot.at_ns)
        try:
            with self._database.transaction():
                self._states.save(group, states, slot.at_ns)
                self._events.add(lines_of(running.planned, outcome))
        except StorageUnavailable as error:
            # Nobody is told of what would be forgotten: the next evaluation finds it again.
            running.error = str(error)
            log.error("an evaluation cannot be kept", group=group.name, reason=str(error))
            return
        running.error, running.states = "", states
        self._report(alerts, False)

    def _sent(
        self, running: Running, states: Sequence[RuleState], at_ns: int
    ) -> tuple[tuple[RuleState, ...], list[Alert]]:
        """The states with the time of the report, and what to report."""
        surroundings, interval_ns = running.planned.surroundings, running.schedule.interval_ns
        after, alerts = list[RuleState](), list[Alert]()
        for rule, state in zip(running.planned.group.rules, states, strict=True):
            if isinstance(rule, AlertingRule):
                sent = _send(surroundings, rule, state.instances, at_ns, interval_ns)
                alerts += sent.alerts
                after.append(replace(state, instances=sent.instances))
            else:
                after.append(state)
        return tuple(after), alerts

    def _stay(self, plan: Sequence[Planned], now_ns: int) -> list[Moved]:
        known: dict[Key, Running | SavedGroup] = {**self._saved, **self._running}
        return [
            moved(one, known.get(one.group.key), now_ns, self._default_interval_ns) for one in plan
        ]

    def _leave(self, plan: Sequence[Planned], now_ns: int) -> list[Moved]:
        kept = {one.group.key for one in plan}
        running = [(one.planned, one.states) for one in self._running.values()]
        saved = [(Planned(s.group, self._surroundings), s.states) for s in self._saved.values()]
        return [
            gone(planned, states, now_ns)
            for planned, states in (*running, *saved)
            if planned.group.key not in kept
        ]

    def _keep(self, one: Moved) -> None:
        planned = one.planned
        if one.running is None:
            self._states.forget(planned.group)
        elif one.running is not self._running.get(planned.group.key):
            self._states.save(planned.group, one.running.states, one.running.last_ns)
        self._events.add(event_lines(planned, one.carried.events, {}))

    def _last_reports(self, one: Moved, now_ns: int) -> Iterator[Alert]:
        """Of the alerts of rules that are gone."""
        for rule, instances in one.carried.resolved:
            interval_ns = self._default_interval_ns
            yield from _send(one.planned.surroundings, rule, instances, now_ns, interval_ns).alerts


def _evaluated(planned: Planned, states: Sequence[RuleState], at_ns: int) -> Outcome:
    group, surroundings = planned.group, planned.surroundings
    asked_ns = at_ns - group.query_offset_ns
    querier = asked_ahead(surroundings.querier, group, asked_ns // MILLISECOND_NS)
    return evaluate(group, states, replace(surroundings, querier=querier), at_ns)


def _send(
    surroundings: Surroundings,
    rule: AlertingRule,
    instances: Instances,
    at_ns: int,
    interval_ns: int,
) -> Sent:
    labels, url = surroundings.external_labels, surroundings.external_url
    return send(rule, instances, at_ns, interval_ns, labels, url)


def _unsent(state: RuleState) -> RuleState:
    instances = {key: replace(one, sent_at_ns=0) for key, one in state.instances.items()}
    return replace(state, instances=instances)


def _write(surroundings: Surroundings, samples: Sequence[Recorded]) -> None:
    try:
        surroundings.write(samples)
    except GoldeneyeError as error:
        log.warning("the series of rules that are gone could not be ended", reason=str(error))
