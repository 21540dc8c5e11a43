"""When a group is looked at and what its receiver is told, against a slow simulator."""

from dataclasses import dataclass, field, replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Alert, overall_status
from alerting.routing.configuration import Configuration, load
from alerting.routing.deciding import Circumstances, decide
from alerting.routing.grouping import (
    Groups,
    delivered,
    due,
    flush,
    insert,
    regrouped,
)
from alerting.routing.inhibition import Inhibitor
from alerting.routing.notification_log import MemoryLog
from alerting.routing.reasons import Reason

SECOND = 1_000_000_000
CONFIGURATION = """
route:
  receiver: team
  group_by: [job]
  group_wait: {wait}s
  group_interval: {interval}s
  repeat_interval: {repeat}s
receivers:
- name: team
  webhook_configs: [{{url: 'http://127.0.0.1/', send_resolved: {send_resolved}}}]
"""


@cache
def _configuration(wait: int, interval: int, repeat: int, send_resolved: str) -> Configuration:
    text = CONFIGURATION.format(
        wait=wait, interval=interval, repeat=repeat, send_resolved=send_resolved
    )
    return load(text, "am.yml")


Told = tuple[int, str, str, tuple[str, ...]]


@dataclass
class Engine:
    """The pieces put together: what is reported goes in, what is told comes out."""

    wait: int = 3
    interval: int = 10
    repeat: int = 25
    send_resolved: bool = True
    groups: Groups = field(default_factory=dict)
    log: MemoryLog = field(default_factory=MemoryLog)
    told: list[Told] = field(default_factory=list)
    reasons: list[Reason | None] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        self.configuration = _configuration(
            self.wait, self.interval, self.repeat, str(self.send_resolved).lower()
        )

    def report(
        self, second: int, name: str, *, ends: int = 0, job: str = "j", quiet: bool = False
    ) -> None:
        alert = Alert(
            {"alertname": name, "job": job},
            {"send_resolved": "false"} if quiet else {},
            starts_at_ns=second * SECOND,
            ends_at_ns=ends * SECOND,
            updated_at_ns=second * SECOND,
        )
        self.groups = insert(self.groups, self.configuration.route, [alert], second * SECOND)

    def tick(self, second: int) -> None:
        now_ns = second * SECOND
        for group in due(self.groups, now_ns):
            turned, done = flush(group, now_ns)
            integrations = self.configuration.receivers["team"].integrations()
            now = Circumstances(Inhibitor((), (), now_ns), {}, {})
            for decision in decide(done, integrations, now, self.log):
                self.reasons.append(decision.batch.reason)
                if self.broken:
                    continue
                if decision.sends:
                    names = tuple(sorted(a.name for a in decision.batch.alerts))
                    status = overall_status(decision.batch.alerts, now_ns)
                    self.told.append((second, group.labels.get("job", ""), status, names))
                if decision.batch.entry is not None:
                    self.log.record(decision.batch.entry)
            left = turned if self.broken else delivered(turned, done)
            remaining = {k: g for k, g in self.groups.items() if k != group.id}
            self.groups = remaining if left is None else {**remaining, group.id: left}


def test_the_first_notification_waits_and_gathers() -> None:
    engine = Engine()
    engine.report(0, "a")
    engine.report(2, "b")
    for second in range(6):
        engine.tick(second)
    assert engine.told == [(3, "j", "firing", ("a", "b"))]
    assert engine.reasons == [Reason.FIRST_NOTIFICATION]


def test_what_comes_later_waits_for_the_interval() -> None:
    engine = Engine()
    engine.report(0, "a")
    for second in range(20):
        if second == 5:
            engine.report(5, "b")
        engine.tick(second)
    assert engine.told == [(3, "j", "firing", ("a",)), (13, "j", "firing", ("a", "b"))]
    assert engine.reasons[1] is Reason.NEW_ALERTS_IN_GROUP


def test_it_is_repeated_at_the_first_turn_after_the_interval() -> None:
    engine = Engine()
    engine.report(0, "a")
    for second in range(40):
        engine.tick(second)
    assert engine.told == [(3, "j", "firing", ("a",)), (33, "j", "firing", ("a",))]
    assert engine.reasons == [
        Reason.FIRST_NOTIFICATION,
        Reason.NOTHING_NEW,
        Reason.NOTHING_NEW,
        Reason.REPEAT_INTERVAL_ELAPSED,
    ]


def test_an_alert_that_is_resolved_while_it_waits_is_never_told() -> None:
    engine = Engine()
    engine.report(0, "a")
    engine.report(1, "a", ends=1)
    for second in range(30):
        engine.tick(second)
    assert engine.told == []
    assert engine.reasons == [Reason.NEVER_FIRED]
    assert engine.groups == {}


def test_what_is_resolved_is_told_and_forgotten() -> None:
    engine = Engine()
    engine.report(0, "a")
    engine.report(0, "b")
    for second in range(30):
        if second == 5:
            engine.report(5, "a", ends=5)
        if second == 15:
            engine.report(15, "b", ends=15)
        engine.tick(second)
    assert engine.told[1:] == [
        (13, "j", "firing", ("a", "b")),
        (23, "j", "resolved", ("b",)),
    ]
    assert engine.reasons[1:] == [Reason.NEW_RESOLVED_ALERTS, Reason.ALL_ALERTS_RESOLVED]
    assert engine.groups == {}


def test_without_send_resolved_the_log_forgets_but_nothing_is_sent() -> None:
    engine = Engine(send_resolved=False)
    engine.report(0, "a")
    for second in range(30):
        if second == 5:
            engine.report(5, "a", ends=5)
        if second == 14:
            engine.report(14, "a")
        engine.tick(second)
    assert engine.told == [(3, "j", "firing", ("a",)), (17, "j", "firing", ("a",))]
    assert engine.reasons == [
        Reason.FIRST_NOTIFICATION,
        Reason.ALL_ALERTS_RESOLVED,
        Reason.FIRST_NOTIFICATION,
        Reason.NOTHING_NEW,
    ]


def test_the_end_of_an_alert_that_is_not_to_be_told_is_not_told() -> None:
    engine = Engine()
    engine.report(0, "a", quiet=True)
    engine.report(0, "b")
    engine.report(0, "c")
    for second in range(30):
        if second == 5:
            engine.report(5, "a", ends=5, quiet=True)
        if second == 14:
            engine.report(14, "b", ends=14)
            engine.report(14, "c", ends=14)
        engine.tick(second)
    assert engine.told == [
        (3, "j", "firing", ("a", "b", "c")),
        (23, "j", "resolved", ("b", "c")),
    ]
    assert engine.reasons[1:] == [Reason.NOTHING_NEW, Reason.ALL_ALERTS_RESOLVED]


def test_where_no_end_is_to_be_told_the_log_forgets_and_the_next_beginning_is_told() -> None:
    engine = Engine()
    engine.report(0, "a", quiet=True)
    for second in range(30):
        if second == 5:
            engine.report(5, "a", ends=5, quiet=True)
        if second == 14:
            engine.report(14, "a", quiet=True)
        engine.tick(second)
    assert engine.told == [(3, "j", "firing", ("a",)), (17, "j", "firing", ("a",))]


def test_what_could_not_be_delivered_is_tried_at_the_next_turn() -> None:
    engine = Engine(broken=True)
    engine.report(0, "a")
    engine.tick(3)
    engine.broken = False
    engine.tick(13)
    assert engine.told == [(13, "j", "firing", ("a",))]


def test_an_old_alert_does_not_wait() -> None:
    engine = Engine()
    alert = Alert({"alertname": "a", "job": "j"}, starts_at_ns=SECOND)
    engine.groups = insert({}, engine.configuration.route, [alert], 100 * SECOND)
    assert [group.next_flush_ns for group in engine.groups.values()] == [100 * SECOND]


def test_a_restart_tells_of_what_ended_meanwhile_and_repeats_nothing() -> None:
    engine = Engine()
    engine.report(0, "a")
    engine.report(0, "b", job="k")
    engine.tick(3)
    after = Engine(log=engine.log)
    after.report(6, "a")
    after.report(6, "b", ends=6, job="k")
    for second in range(6, 12):
        after.tick(second)
    assert after.told == [(9, "k", "resolved", ("b",))]


def test_a_new_configuration_keeps_turns() -> None:
    engine = Engine()
    engine.report(0, "a")
    engine.tick(3)
    kept = regrouped(engine.groups, engine.configuration.route, 5 * SECOND)
    assert [group.next_flush_ns for group in kept.values()] == [13 * SECOND]
    moved = load(
        "route: {receiver: x, group_by: [alertname], group_wait: 2s}\nreceivers: [{name: x}]", "n"
    )
    fresh = regrouped(engine.groups, moved.route, 5 * SECOND)
    assert [dict(g.labels) for g in fresh.values()] == [{"alertname": "a"}]


@dataclass
class Slow:
    """One group, second by second, in the words of Alertmanager's documentation."""

    engine: Engine
    firing: dict[str, bool] = field(default_factory=dict)
    turn: int | None = None
    last: tuple[int, set[str], set[str]] | None = None
    told: list[Told] = field(default_factory=list)

    def report(self, second: int, name: str, *, resolved: bool) -> None:
        if not self.firing:
            self.turn = second + self.engine.wait
        self.firing[name] = not resolved

    def tick(self, second: int) -> None:
        if second != self.turn:
            return
        self.turn = second + self.engine.interval
        firing = {name for name, fires in self.firing.items() if fires}
        resolved = set(self.firing) - firing
        keeps = 2 * (self.engine.repeat + self.engine.interval)
        if self.last is not None and second >= self.last[0] + keeps:
            self.last = None
        if self._tells(second, firing, resolved):
            self.last = (second, firing, resolved)
            shown = firing | (resolved if self.engine.send_resolved else set())
            if shown:
                status = "firing" if firing else "resolved"
                self.told.append((second, "j", status, tuple(sorted(shown))))
        self.firing = dict.fromkeys(firing, True)

    def _tells(self, second: int, firing: set[str], resolved: set[str]) -> bool:
        if self.last is None:
            return bool(firing)
        at, told_firing, told_resolved = self.last
        if firing - told_firing:
            return True
        if not firing:
            return bool(told_firing)
        if self.engine.send_resolved and resolved - told_resolved:
            return True
        return second - at > self.engine.repeat


def _reports() -> st.SearchStrategy[list[tuple[int, str, bool]]]:
    report = st.tuples(st.integers(1, 45), st.sampled_from("abc"), st.booleans())
    return st.lists(report, max_size=15).map(sorted)


@settings(max_examples=60, deadline=None)
@given(
    _reports(),
    st.integers(0, 6),
    st.integers(1, 9),
    st.integers(1, 30),
    st.booleans(),
)
def test_groups_tell_what_a_slow_simulator_tells(
    reports: list[tuple[int, str, bool]], wait: int, interval: int, repeat: int, send: bool
) -> None:
    engine = Engine(wait, interval, repeat, send)
    slow = Slow(engine)
    for second in range(1, 60):
        for at, name, resolved in reports:
            if at == second:
                engine.report(second, name, ends=second if resolved else 0)
                slow.report(second, name, resolved=resolved)
        engine.tick(second)
        slow.tick(second)
    assert engine.told == slow.told


def _labels() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy"))


@settings(deadline=None)
@given(st.lists(_labels(), max_size=6), st.lists(st.sampled_from("abc"), unique=True))
def test_alerts_share_a_group_where_their_group_labels_agree(
    sets: list[dict[str, str]], by: list[str]
) -> None:
    route = Engine().configuration.route
    route = replace(route, options=replace(route.options, group_by=frozenset(by)))
    groups = insert({}, route, map(Alert, sets), 0)
    wanted = {tuple((n, labels[n]) for n in sorted(by) if n in labels) for labels in sets}
    assert {tuple(sorted(g.labels.items())) for g in groups.values()} == wanted
