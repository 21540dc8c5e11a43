"""From a group that is due to what is sent, with the reason of each decision."""

from alerting.alert import Alert
from alerting.matching.parse import parse_matchers
from alerting.routing.deciding import Circumstances, Decision, decide
from alerting.routing.grouping import Flush, Group
from alerting.routing.inhibition import Inhibitor, Rule
from alerting.routing.notification_log import MemoryLog
from alerting.routing.reasons import Muting, Reason
from alerting.routing.receivers.receiver import Receiver
from alerting.routing.receivers.webhook import WebhookConfig
from alerting.routing.route import Options, Route
from alerting.routing.silences import Silence, Silences
from alerting.routing.time_intervals import Interval, Span

HOUR_NS = 3_600_000_000_000
RECEIVER = Receiver("team", (WebhookConfig(), WebhookConfig(send_resolved=False)))
SOURCE = Alert({"alertname": "down", "severity": "critical"})
TARGET = Alert({"alertname": "slow", "severity": "warning"})
RULE = Rule(parse_matchers("severity=critical")[0], parse_matchers("severity=warning")[0])
SILENCES: Silences = {
    "one": Silence("one", parse_matchers("alertname=down")[0], 1, 9 * HOUR_NS, "me", "")
}
INTERVALS = {"morning": (Interval(times=(Span(0, 720),)),), "never": ()}


def _decide(
    alerts: tuple[Alert, ...],
    options: Options | None = None,
    *,
    silences: Silences | None = None,
    log: MemoryLog | None = None,
    rules: tuple[Rule, ...] = (),
) -> tuple[Decision, ...]:
    group = Group(Route(options or Options("team")), {}, 0)
    now = Circumstances(Inhibitor(rules, alerts, HOUR_NS), silences or {}, INTERVALS)
    return decide(Flush(group, alerts, HOUR_NS), RECEIVER.integrations(), now, log or MemoryLog())


def test_each_integration_is_decided_for_itself() -> None:
    log = MemoryLog()
    first, second = _decide((SOURCE,), log=log)
    assert first.sends
    assert second.sends
    assert first.batch.reason is Reason.FIRST_NOTIFICATION
    assert first.integration.name == "team/webhook/0"
    assert first.batch.entry is not None
    log.record(first.batch.entry)
    again, other = _decide((SOURCE,), log=log)
    assert (again.batch.reason, again.sends) == (Reason.NOTHING_NEW, False)
    assert other.batch.reason is Reason.FIRST_NOTIFICATION


def test_inhibited_alerts_are_left_out_and_named() -> None:
    decision, _ = _decide((SOURCE, TARGET), rules=(RULE,))
    assert decision.batch.alerts == (SOURCE,)
    (muted,) = decision.batch.muted
    assert (muted.alert, muted.why, muted.by) == (TARGET, Muting.INHIBITED, (SOURCE.fingerprint,))


def test_silenced_alerts_are_left_out_and_named() -> None:
    decision, _ = _decide((SOURCE, TARGET), silences=SILENCES)
    assert decision.batch.alerts == (TARGET,)
    assert [(m.why, m.by) for m in decision.batch.muted] == [(Muting.SILENCED, ("one",))]


def test_where_nothing_is_left_nothing_is_sent() -> None:
    decision, _ = _decide((SOURCE,), silences=SILENCES)
    assert (decision.batch.reason, decision.sends) == (Reason.ALL_MUTED, False)
    assert decision.batch.entry is None


def test_times_mute_everything() -> None:
    muted, _ = _decide((SOURCE,), Options("team", mute_time_intervals=("never", "morning")))
    assert [(m.why, m.by) for m in muted.batch.muted] == [(Muting.MUTE_TIME, ("morning",))]
    outside, _ = _decide((SOURCE,), Options("team", active_time_intervals=("never",)))
    assert outside.batch.muted[0].why is Muting.OUTSIDE_ACTIVE_TIME
    within, _ = _decide((SOURCE,), Options("team", active_time_intervals=("morning",)))
    assert within.sends


def test_resolved_alerts_are_sent_to_those_who_want_them() -> None:
    ended = Alert({"alertname": "old"}, starts_at_ns=1, ends_at_ns=2)
    wants, wants_not = _decide((SOURCE, ended))
    assert wants.batch.alerts == (SOURCE, ended)
    assert wants_not.batch.alerts == (SOURCE,)


def test_an_entry_expires() -> None:
    log = MemoryLog()
    decision, _ = _decide((SOURCE,), log=log)
    assert decision.batch.entry is not None
    log.record(decision.batch.entry)
    key, until = decision.batch.group_key, decision.batch.entry.expires_at_ns
    assert log.last(key, "team/webhook/0", until - 1) == decision.batch.entry
    assert log.last(key, "team/webhook/0", until) is None
    log.forget_expired(until)
    assert log.last(key, "team/webhook/0", 0) is None


def test_the_repeat_interval_counts_from_the_delivery() -> None:
    log = MemoryLog()
    options = Options("team", repeat_interval_ns=HOUR_NS)
    decision, _ = _decide((SOURCE,), options)
    entry = decision.entry_at(HOUR_NS + 5)
    assert entry is not None
    assert decision.batch.entry is not None
    assert entry.at_ns == HOUR_NS + 5
    assert entry.expires_at_ns == decision.batch.entry.expires_at_ns + 5
    log.record(entry)
    again, _ = _decide((SOURCE,), options, log=log)
    assert again.entry_at(HOUR_NS) is None
