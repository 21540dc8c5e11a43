"""Rule files: what is read, and what each broken one is told."""

import pytest

from alerting.documents.faults import BadFile
from alerting.rules.definitions import (
    AlertingRule,
    Group,
    LogSearch,
    Promql,
    RecordingRule,
    Sql,
    Unknown,
)
from alerting.rules.loading import Checks, duplicates, load
from alerting.rules.thresholds import Threshold

SECOND_NS = 1_000_000_000


def _refuse_bad(text: str) -> None:
    if "bad" in text:
        raise ValueError("unexpected bad")


CHECKS = Checks(promql=_refuse_bad, sql=_refuse_bad, log=_refuse_bad)

WHOLE = """
groups:
  - name: g
    interval: 30s
    limit: 10
    query_offset: 1m
    labels: {team: core, severity: ticket}
    rules:
      - record: job:x:rate5m
        expr: rate(x[5m])
      - alert: High
        expr: "x > 1"
        for: 5m
        keep_firing_for: 1h30m
        labels: {severity: page, priority: 1, empty: }
        annotations: {summary: "{{ $labels.job }} is at {{ $value | humanize }}"}
        no_data: keep
        error: fire
      - alert: Rows
        sql: SELECT service_name, count(*) AS value FROM spans GROUP BY ALL
      - alert: Lines
        log: {search: error, window: 10m, threshold: "> 5", by: [service_name]}
---
groups: [{name: ignored}]
"""


def test_a_whole_file() -> None:
    (group,) = load(WHOLE, "f.yml", CHECKS)
    record, high, rows, lines = group.rules
    shared = {"severity": "ticket", "team": "core"}
    assert (group.name, group.file, group.limit) == ("g", "f.yml", 10)
    assert (group.interval_ns, group.query_offset_ns) == (30 * SECOND_NS, 60 * SECOND_NS)
    assert record == RecordingRule("job:x:rate5m", Promql("rate(x[5m])"), shared, 9)
    assert high == AlertingRule(
        name="High",
        expression=Promql("x > 1"),
        hold_ns=300 * SECOND_NS,
        keep_firing_ns=5_400 * SECOND_NS,
        labels={"empty": "", "priority": "1", "severity": "page", "team": "core"},
        annotations={"summary": "{{ $labels.job }} is at {{ $value | humanize }}"},
        no_data=Unknown.KEEP,
        error=Unknown.FIRE,
        line=11,
    )
    assert isinstance(rows.expression, Sql)
    assert lines.expression == LogSearch(
        "error", 600 * SECOND_NS, Threshold(">", 5.0), ("service_name",)
    )


@pytest.mark.parametrize("text", ["", "groups:\n", "# nothing\n"])
def test_an_empty_file_has_no_groups(text: str) -> None:
    assert load(text, "f", CHECKS) == ()


def test_defaults_are_those_of_prometheus() -> None:
    (group,) = load("groups: [{name: g, rules: [{alert: A, expr: x}]}]", "f", CHECKS)
    assert group == Group("g", (AlertingRule("A", Promql("x"), line=1),), "f", line=1)


def test_unknown_fields_may_be_ignored() -> None:
    assert load("groups: [{name: g, colour: red}]", "f", CHECKS, ignore_unknown=True)[0].name == "g"


def test_equal_rules_are_told_but_legal() -> None:
    text = """
groups:
  - {name: a, rules: [{record: r, expr: x}, {alert: r, expr: x}]}
  - {name: b, rules: [{record: r, expr: y}, {record: r, expr: y, labels: {l: v}}]}
"""
    groups = load(text, "f", CHECKS)
    assert duplicates(groups) == [groups[1].rules[0]]


def _rule(text: str) -> str:
    return f"groups:\n- name: g\n  rules:\n  - {text}\n"


ALERT = "{alert: A, expr: x, %s}"


def _bomb() -> str:
    levels = ["- {name: l0, labels: &l0 {a: b}}"]
    for level in range(1, 9):
        names = ", ".join([f"*l{level - 1}"] * 9)
        levels.append(f"- {{name: l{level}, labels: &l{level} {{<<: [{names}]}}}}")
    return "groups:\n" + "\n".join(levels)


BROKEN = {
    "an anchor in itself": ("groups: &g [*g]", ":1: an anchor holds itself"),
    "a merge of itself": (
        "groups: [{name: g, labels: &l {<<: *l}}]",
        ":1: an anchor holds itself",
    ),
    "merges of merges": (_bomb(), "too many merged keys"),
    "no YAML": ("groups: [", ":1: is not YAML"),
    "a list": ("- a", ":1: must be a mapping"),
    "an unknown section": ("group: []", ":1: group: unknown field"),
    "no list of groups": ("groups: {}", ":1: groups: must be a list"),
    "no name": ("groups:\n- rules: []", ":2: groups[0]: a group must have a name"),
    "a name twice": (
        "groups:\n- name: g\n- name: g",
        ":3: groups[1].name: the group 'g' is there twice",
    ),
    "a key twice": ("groups:\n- name: g\n  name: h", ":3: groups[0].name: is there twice"),
    "a bad interval": ("groups:\n- name: g\n  interval: 5", "groups[0].interval: '5' is no dur"),
    "a bad limit": ("groups:\n- name: g\n  limit: many", "groups[0].limit: must be a whole number"),
    "an unknown field": (_rule("{alert: A, exp: x}"), ":4: groups[0].rules[0].exp: unknown field"),
    "both kinds": (_rule("{alert: A, record: r, expr: x}"), "exactly one of 'record' and 'alert'"),
    "neither kind": (_rule("{expr: x}"), ":4: groups[0].rules[0]: exactly one of 'record'"),
    "no expression": (_rule("{alert: A}"), "exactly one of 'expr', 'sql' and 'log'"),
    "two expressions": (_rule("{alert: A, expr: x, sql: y}"), "rules[0].sql: exactly one of"),
    "an empty expression": (_rule('{alert: A, expr: ""}'), "rules[0].expr: must not be empty"),
    "bad PromQL": (_rule("{alert: A, expr: bad}"), "expr: could not parse expression: unexpected"),
    "bad SQL": (_rule("{alert: A, sql: bad}"), "rules[0].sql: could not parse expression"),
    "a bad search": (
        _rule('{alert: A, log: {search: bad, threshold: "> 1"}}'),
        "rules[0].log.search: could not parse expression",
    ),
    "no threshold": (_rule("{alert: A, log: {search: x}}"), "must have a threshold"),
    "a bad threshold": (
        _rule("{alert: A, log: {search: x, threshold: 1}}"),
        "log.threshold: '1' is no threshold",
    ),
    "an empty window": (
        _rule('{alert: A, log: {search: x, threshold: "> 1", window: 0s}}'),
        "log.window: must be longer than 0",
    ),
    "a bad for": (_rule(ALERT % "for: soon"), ":4: groups[0].rules[0].for: 'soon' is no duration"),
    "a bad choice": (_rule(ALERT % "no_data: ok"), "no_data: must be one of resolve, keep, fire"),
    "a label of the name": (_rule(ALERT % "labels: {__name__: x}"), "invalid label name"),
    "a label without name": (_rule(ALERT % 'labels: {"": x}'), "invalid label name"),
    "an annotation without name": (_rule(ALERT % 'annotations: {"": x}'), "invalid annotation"),
    "a label that is a list": (_rule(ALERT % "labels: {a: []}"), "labels.a: must be a text"),
    "a bad template": (
        _rule(ALERT % 'annotations: {a: "{{ $value | humanise }}"}'),
        "annotations.a: template: __alert_A:1:13: function 'humanise' not defined",
    ),
    "a bad template of a label": (_rule(ALERT % 'labels: {a: "{{"}'), "labels.a: template"),
    "a recording with for": (
        _rule("{record: r, expr: x, for: 1m}"),
        "rules[0].for: invalid field 'for' in recording rule",
    ),
    "a recording with annotations": (
        _rule("{record: r, expr: x, annotations: {a: b}}"),
        "invalid field 'annotations' in recording rule",
    ),
    "braces in a name": (_rule("{record: 'r{a=\"b\"}', expr: x}"), "rules[0].record: braces in"),
}


@pytest.mark.parametrize(("text", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_names_file_line_and_field(text: str, told: str) -> None:
    with pytest.raises(BadFile) as caught:
        load(text, "rules.yml", CHECKS)
    assert told in str(caught.value)
    assert all(line.startswith("rules.yml:") for line in str(caught.value).splitlines())


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadFile) as caught:
        load(_rule("{alert: A, expr: bad, for: soon, colour: red}"), "f", CHECKS)
    assert len(caught.value.problems) == 3


def test_a_recording_rule_may_say_what_is_nothing() -> None:
    load(_rule("{record: r, expr: x, for: 0s, annotations: {}}"), "f", CHECKS)


def test_merged_keys_give_way_to_own_ones() -> None:
    text = """
groups:
- name: g
  rules:
  - {alert: A, expr: x, labels: &shared {a: "1", b: "2"}}
  - {alert: B, expr: x, labels: {<<: *shared, b: "3"}}
"""
    assert load(text, "f", CHECKS)[0].rules[1].labels == {"a": "1", "b": "3"}
