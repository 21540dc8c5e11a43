"""Alerts that mute others, against the rule read aloud."""

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.alert import Alert
from alerting.matching.matcher import all_match
from alerting.matching.parse import parse_matchers
from alerting.routing.inhibition import Inhibitor, Rule

RULE = Rule(parse_matchers("severity=critical")[0], parse_matchers("severity=~warning|info")[0],
            ("cluster",))  # fmt: skip


def _alert(severity: str, cluster: str = "a", ends_at_ns: int = 0, **more: str) -> Alert:
    labels = {"severity": severity, "cluster": cluster, **more}
    return Alert(labels, ends_at_ns=ends_at_ns)


def inhibited(alert: Alert, others: list[Alert], rules: list[Rule], now_ns: int) -> bool:
    return bool(Inhibitor(rules, others, now_ns).muted_by(alert))


def test_a_target_is_muted_while_a_source_fires() -> None:
    target, source = _alert("warning"), _alert("critical")
    assert inhibited(target, [source], [RULE], 10)
    assert Inhibitor([RULE], [source, target], 10).muted_by(target) == (source.fingerprint,)
    assert not inhibited(target, [_alert("critical", ends_at_ns=5)], [RULE], 10)
    assert not inhibited(target, [_alert("critical", "b")], [RULE], 10)
    assert not inhibited(source, [target], [RULE], 10)


def test_a_missing_label_equals_an_empty_one() -> None:
    source = Alert({"severity": "critical"})
    assert inhibited(_alert("warning", ""), [source], [RULE], 10)
    assert not inhibited(_alert("warning", "a"), [source], [RULE], 10)


def test_what_matches_both_sides_mutes_neither_itself_nor_its_like() -> None:
    both = Rule(parse_matchers("s=~a|b")[0], parse_matchers("s=~b|c")[0])
    source, two_sided, other, target = (Alert({"s": s, "n": s}) for s in "abbc")
    other = Alert({"s": "b", "n": "other"})
    assert not inhibited(two_sided, [two_sided, other], [both], 10)
    assert inhibited(two_sided, [source], [both], 10)
    assert inhibited(target, [two_sided], [both], 10)


_ALERTS = st.builds(
    lambda labels, ended: Alert(labels, ends_at_ns=5 if ended else 0),
    st.dictionaries(st.sampled_from("xyz"), st.sampled_from("123")),
    st.booleans(),
)
_SIDES = st.sampled_from(["x=1", "x=2", "y=~1|2", "z!=1", 'x=1,y=""'])


@settings(deadline=None)
@given(_ALERTS, st.lists(_ALERTS, max_size=5), _SIDES, _SIDES, st.lists(st.sampled_from("xyz")))
def test_the_index_says_what_the_rule_says(
    target: Alert, others: list[Alert], source_side: str, target_side: str, equal: list[str]
) -> None:
    sources, targets = (parse_matchers(side)[0] for side in (source_side, target_side))
    wanted = all_match(targets, target.labels) and any(
        not other.resolved(10)
        and all_match(sources, other.labels)
        and all(target.labels.get(n, "") == other.labels.get(n, "") for n in equal)
        and not (all_match(sources, target.labels) and all_match(targets, other.labels))
        for other in others
    )
    assert inhibited(target, others, [Rule(sources, targets, tuple(equal))], 10) is wanted
