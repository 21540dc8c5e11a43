"""When alerts are reported, and with which times."""

from dataclasses import replace

from support.rules import MINUTE_NS, alert

from alerting.alert import Alert
from alerting.rules.definitions import AlertingRule, Sql
from alerting.rules.instance import Instance, Instances, State
from alerting.rules.sending import Sent, generator_url, send

FIRING = Instance(
    {"alertname": "A"}, {}, {"note": "n"}, State.FIRING, fired_at_ns=MINUTE_NS, active_at_ns=1
)


def _send(instance: Instance, minute: float, interval_ns: int = MINUTE_NS // 2) -> Sent:
    at_ns = int(minute * MINUTE_NS)
    outside = ({"region": "eu", "alertname": "outer"}, "http://here")
    return send(alert(), {instance.key: instance}, at_ns, interval_ns, *outside)


def _only(instances: Instances) -> Instance:
    (instance,) = instances.values()
    return instance


def test_a_firing_alert_is_valid_for_four_reports() -> None:
    sent = _send(FIRING, 1)
    assert sent.alerts == (
        Alert(
            labels={"region": "eu", "alertname": "A"},
            annotations={"note": "n"},
            starts_at_ns=MINUTE_NS,
            ends_at_ns=5 * MINUTE_NS,
            generator_url="http://here/prometheus/api/v1/query?query=x+%3E+1",
            updated_at_ns=MINUTE_NS,
            timeout=True,
        ),
    )
    assert _send(FIRING, 1, 2 * MINUTE_NS).alerts[0].ends_at_ns == 9 * MINUTE_NS


def test_it_is_reported_again_after_more_than_a_minute() -> None:
    known = _only(_send(FIRING, 1).instances)
    assert _send(known, 2).alerts == ()
    assert len(_send(known, 2.1).alerts) == 1


def test_the_end_is_reported_at_once_and_again() -> None:
    known = _only(_send(FIRING, 1).instances)
    ended = replace(known, state=State.RESOLVED, resolved_at_ns=int(1.5 * MINUTE_NS))
    sent = _send(ended, 1.5)
    assert [(one.ends_at_ns, one.timeout) for one in sent.alerts] == [(int(1.5 * MINUTE_NS), False)]
    assert _send(_only(sent.instances), 2).alerts == ()
    assert len(_send(_only(sent.instances), 3).alerts) == 1


def test_pending_alerts_are_not_reported() -> None:
    assert _send(replace(FIRING, state=State.PENDING), 1).alerts == ()


def test_only_promql_has_a_graph() -> None:
    assert generator_url(AlertingRule("S", Sql("SELECT 1")), "http://here") == "http://here"
