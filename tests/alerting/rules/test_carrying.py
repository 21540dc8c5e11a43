"""States of rules when their files change."""

from support.rules import MINUTE_NS, Timeline, alert, samples

from alerting.rules.carrying import carry
from alerting.rules.definitions import AlertingRule, Group, Promql, RecordingRule
from alerting.rules.group import RuleState

HIT = samples(({"job": "a"}, 2.0))


def test_a_rule_whose_expression_changes_keeps_its_alerts() -> None:
    line = Timeline(RecordingRule("r", Promql("x")), alert())
    line.at(0, HIT)
    changed = Group("g", (AlertingRule("A", Promql("x > 2"), hold_ns=MINUTE_NS),))
    found = carry(line.group, line.states, changed, MINUTE_NS)
    assert found.states == (line.states[1],)
    assert [dict(key) for key in found.ended] == [{"__name__": "r", "job": "a"}]
    assert (list(found.resolved), list(found.events)) == ([], [])


def test_equal_rules_keep_their_order() -> None:
    group = Group("g", (alert(), alert()))
    states = (RuleState(error="first"), RuleState(error="second"))
    assert carry(group, states, group, 0).states == states
    three = Group("g", (alert(), alert(), alert()))
    assert carry(group, states, three, 0).states == (*states, RuleState())


def test_other_labels_are_another_rule() -> None:
    line = Timeline(alert())
    line.at(0, HIT)
    found = carry(line.group, line.states, Group("g", (alert(labels={"l": "v"}),)), MINUTE_NS)
    assert found.states == (RuleState(),)


def test_alerts_of_a_rule_that_is_gone_are_resolved() -> None:
    line = Timeline(alert(), alert(hold_ns=MINUTE_NS, labels={"slow": "yes"}))
    line.at(0, HIT)
    found = carry(line.group, line.states, Group("g"), MINUTE_NS)
    told = [(e.before, e.after, str(e.reason)) for e in found.events]
    assert told == [("firing", "resolved", "rule_removed"), ("pending", "inactive", "rule_removed")]
    resolved = [one for _, instances in found.resolved for one in instances.values()]
    assert [(one.state, one.resolved_at_ns) for one in resolved] == [("resolved", MINUTE_NS)]
    assert len(found.ended) == 4
