"""`goldeneye test rules`: promtool's files, from the outside."""

import subprocess
import sys
from pathlib import Path

import pytest

from goldeneye.commands.rule_tests import run_tests

RULES = """
groups:
  - name: second
    labels: {team: core}
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        keep_firing_for: 2m
        labels: {severity: page}
        annotations:
          summary: "{{ $labels.job }} in {{ $externalLabels.region }} at {{ externalURL }}"
      - alert: Chained
        expr: doubled > 5
      - record: hist:sum
        expr: sum(h)
  - name: first
    rules:
      - record: doubled
        expr: x * 2
"""

GOOD = """
rule_files: [rules.yml, nothing-*.yml]
evaluation_interval: 1m
group_eval_order: [first, second]
tests:
  - name: alerts
    interval: 1m
    external_labels: {region: eu}
    external_url: http://prom
    input_series:
      - series: 'up {job="a",}'
        values: "1 0x4 1 _x3 stale"
    alert_rule_test:
      - {eval_time: 2m59s, alertname: Down, exp_alerts: []}
      - eval_time: 3m
        alertname: Down
        exp_alerts: &down
          - exp_labels: {severity: page, team: core, job: a}
            exp_annotations: {summary: a in eu at http://prom}
      - {eval_time: 7m, alertname: Down, exp_alerts: *down}
      - {eval_time: 8m, alertname: Down}
      - {eval_time: 8m, alertname: Nobody}
    promql_expr_test:
      - expr: ALERTS{alertname="Down"}
        eval_time: 2m
        exp_samples:
          - labels: >-
              ALERTS{alertname="Down",alertstate="pending",job="a",severity="page",team="core"}
            value: 1
      - expr: ALERTS
        eval_time: 8m
      - expr: ALERTS_FOR_STATE
        eval_time: 3m
        exp_samples:
          - labels: 'ALERTS_FOR_STATE{alertname="Down",job="a",severity="page",team="core"}'
            value: 60
  - name: order
    input_series: [{series: x, values: 1+1x3}]
    alert_rule_test:
      - {eval_time: 1m, alertname: Chained}
      - eval_time: 2m
        alertname: Chained
        exp_alerts: [{exp_labels: {team: core}}]
    promql_expr_test:
      - {expr: 1 + 1, exp_samples: [{value: 2}]}
      - {expr: time(), eval_time: 90s, exp_samples: [{value: 90}]}
      - {expr: x / 0, exp_samples: [{labels: "{}", value: .inf}]}
  - name: histograms
    input_series: [{series: h, values: "{{schema:1 sum:1 count:2 buckets:[1 1]}}x2"}]
    promql_expr_test:
      - expr: h
        eval_time: 1m
        exp_samples:
          - labels: h
            histogram: "{{schema:1 sum:1 count:2 counter_reset_hint:not_reset buckets:[1 1]}}"
      - expr: histogram_count(hist:sum)
        eval_time: 1m
        exp_samples: [{labels: '{team="core"}', value: 2}]
  - name: later
    start_timestamp: "2024-01-01T00:00:00Z"
    interval: 30s
    input_series: [{series: x, values: "10+10x5"}]
    promql_expr_test:
      - {expr: time(), eval_time: 5m, exp_samples: [{value: 1704067500}]}
      - {expr: x @ 1704067230, eval_time: 1m, exp_samples: [{labels: x, value: 20}]}
      - {expr: timestamp(doubled), eval_time: 5m, exp_samples: [{value: 1704067500}]}
  - start_timestamp: 1609459200.5
    promql_expr_test: [{expr: time(), exp_samples: [{value: 1609459200.5}]}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules.yml").write_text(RULES, encoding="utf-8")
    return tmp_path


def _run(folder: Path, text: str, *only: str) -> int:
    (folder / "test.yml").write_text(text, encoding="utf-8")
    return run_tests([folder / "test.yml"], only, False)


def test_all_as_expected(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(folder, GOOD) == 0, capsys.readouterr()
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-1] == "  SUCCESS"
    assert "WARNING: no file match pattern" in shown.err


@pytest.mark.parametrize("fixture", ["unittest.yml", "at-modifier-test.yml"])
def test_public_files(fixture: str) -> None:
    file = Path(__file__).parents[4] / "shared/fixtures/promtool" / fixture
    if not file.exists():
        pytest.skip("the public files are not here")
    assert run_tests([file], (), False) == 0


def _expression(series: str, values: str, expr: str, expected: str, more: str = "") -> str:
    return (
        f"{more}\ntests:\n- name: one\n  input_series: [{{series: {series}, values: '{values}'}}]\n"
        f"  promql_expr_test: [{{expr: '{expr}', exp_samples: {expected}}}]\n"
    )


FUZZY = "fuzzy_compare: true"
RESET = "{{count:1 counter_reset_hint:reset}}"
NOT_THREE = _expression("x", "2.9999999999999996", "x", "[{labels: x, value: 3}]")
FAILING = {
    "another value": (NOT_THREE, "exp:\n            x 3\n        got:\n            x 2.99"),
    "fuzzy is the last bit only": (
        _expression("x", "2.999999999999998", "x", "[{labels: x, value: 3}]", FUZZY),
        "x 3",
    ),
    "another label": (_expression("x", "1", "x", "[{labels: y, value: 1}]"), "y 1"),
    "one too many": (_expression("x", "1", "x", "[]"), "exp: nothing"),
    "a failing query": (
        _expression("x", "1", "x + on(a) group_left() {i=~\"..*\"} or x[", "[]"),
        "err:",
    ),
    "a number for a histogram": (
        _expression("x", "{{count:1}}", "x", "[{labels: x, value: 0}]"),
        "count:1",
    ),
    "another reset hint": (
        _expression("x", "{{count:1}}", "x", f'[{{labels: x, histogram: "{RESET}"}}]'),
        "(reset: reset)",
    ),
    "a range vector": (
        _expression("x", "1", "x[5m]", "[]"),
        "rule result is not a vector or scalar",
    ),
    "an alert that does not fire": (
        "tests: [{alert_rule_test: [{eval_time: 1m, alertname: A, exp_alerts: [{}]}]}]",
        'line 1: alertname: A, time: 1m\n        exp:\n            labels: {alertname="A"}',
    ),
    "another annotation": (
        """
rule_files: [rules.yml]
tests:
  - input_series: [{series: x, values: 9}]
    alert_rule_test:
      - eval_time: 1m
        alertname: Chained
        exp_alerts: [{exp_labels: {team: core}, exp_annotations: {a: "1", b: "2"}}]
""",
        'core"}\n                a: "1"\n                b: "2"\n        got:\n            labels:',
    ),
    "a missing alert name": (
        "tests: [{alert_rule_test: [{eval_time: 1m}]}]",
        "tests[0].alert_rule_test[0]: misses the required attribute alertname",
    ),
    "a group twice in the order": (
        "group_eval_order: [a, a]",
        "group name repeated in evaluation order: a",
    ),
    "an unknown field": ("test: []", "test.yml:1: test: unknown field"),
    "a bad series": (_expression("'x{a='", "1", "x", "[]"), "tests[0].input_series[0].series"),
    "bad values": (_expression("x", "one", "x", "[]"), "tests[0].input_series[0].values"),
    "a bad start": ("tests: [{start_timestamp: noon}]", "cannot parse 'noon' to a valid timestamp"),
    "a bad time": ("tests: [{promql_expr_test: [{expr: x, eval_time: -5m}]}]", "eval_time: '-5m'"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), FAILING.values(), ids=FAILING)
def test_what_fails_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    assert _run(folder, text) == 1
    assert told in capsys.readouterr().err


def test_fuzzy_lets_the_last_bit_differ(folder: Path) -> None:
    assert _run(folder, f"{FUZZY}\n{NOT_THREE}") == 0


def test_only_chosen_tests_run(folder: Path) -> None:
    assert _run(folder, NOT_THREE, "other") == 0
    assert _run(folder, NOT_THREE, "other", "^on") == 1


BAD_RULES = {
    "no rule file": ("groups: [{name: g, rules: [{record: r, expr: 'x{'}]}]", "rules.yml:1: "),
    "many to many": (
        "groups: [{name: g, rules: [{record: r, expr: a + on(i) b}]}]",
        "rule: r, time: 0s\n        err: ",
    ),
    "two rules for one series": (
        "groups: [{name: g, rules: [{record: r, expr: 1}, {record: r, expr: 2}]}]",
        "duplicate sample for timestamp",
    ),
    "two alerts for one label set": (
        "groups: [{name: g, rules: [{alert: A, expr: b, labels: {j: x}}]}]",
        "same labelset after applying alert labels",
    ),
    "over the limit": (
        "groups: [{name: g, limit: 1, rules: [{alert: A, expr: b}]}]",
        "exceeded limit of 1 with 2 alerts",
    ),
}


@pytest.mark.parametrize(("rules", "told"), BAD_RULES.values(), ids=BAD_RULES)
def test_bad_rules(folder: Path, capsys: pytest.CaptureFixture[str], rules: str, told: str) -> None:
    (folder / "rules.yml").write_text(rules, encoding="utf-8")
    text = """
rule_files: [rules.yml]
tests:
  - input_series:
      - {series: 'a{i="1"}', values: 1}
      - {series: 'b{i="1",j="1"}', values: 1}
      - {series: 'b{i="1",j="2"}', values: 1}
"""
    assert _run(folder, text) == 1
    assert told in capsys.readouterr().err


def test_the_process_exits_as_promtool_does(folder: Path) -> None:
    good, bad = folder / "good.yml", folder / "bad.yml"
    good.write_text(f"{FUZZY}\n{NOT_THREE}", encoding="utf-8")
    bad.write_text(NOT_THREE, encoding="utf-8")
    command = [sys.executable, "-m", "goldeneye", "test", "rules", str(good), str(bad)]
    assert subprocess.run([*command, "--run", "one"], capture_output=True).returncode == 1
    assert subprocess.run(command[:-1], capture_output=True).returncode == 0


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_tests([tmp_path / "none.yml"], (), False) == 1
    assert "none.yml: cannot be read" in capsys.readouterr().err


def test_samples_to_come_are_not_seen_by_rules(folder: Path) -> None:
    (folder / "rules.yml").write_text(
        "groups: [{name: g, rules: [{record: early, expr: x @ 60}]}]", encoding="utf-8"
    )
    text = """
rule_files: [rules.yml]
tests:
  - input_series: [{series: x, values: "1 2 3"}]
    promql_expr_test:
      - {expr: early, eval_time: 0s, exp_samples: [{labels: early, value: 1}]}
      - {expr: early, eval_time: 2m, exp_samples: [{labels: early, value: 2}]}
"""
    assert _run(folder, text) == 0
