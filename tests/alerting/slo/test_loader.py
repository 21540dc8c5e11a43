"""Documents of objectives: what they become, and where their faults are."""

from decimal import Decimal
from pathlib import Path

import pytest

from alerting.slo.calendar_window import CalendarWindow
from alerting.slo.exclusions import Interval, Weekly
from alerting.slo.loader import load
from alerting.slo.model import (
    BadRatio,
    BurnAlert,
    BurnCondition,
    GoodRatio,
    NotificationTarget,
    Objective,
    Promql,
    RawRatio,
    RollingWindow,
    Spans,
    Sql,
    Threshold,
)
from alerting.slo.span_filter import And, Duration, Kind, Not, Status
from goldeneye.errors import ConfigurationError
from goldeneye.rule_queries import CHECKS
from tests.support.slo_documents import NATIVE, OPENSLO, only

RATIO = (
    "good: {metricSource: {type: Prometheus, spec: {query: 'sum(requests_total{code!~\"5..\"})'}}}"
)
OBJECTIVES = "objectives: [{target: 0.999}]"
METHOD = "budgetingMethod: Occurrences"
WINDOW = "timeWindow: [{duration: 30d, isRolling: true}]"
ALERTING = """---
apiVersion: openslo/v1
kind: AlertCondition
metadata: {name: fast}
spec:
  severity: page
  condition: {kind: burnrate, op: gte, threshold: 10, lookbackWindow: 2h, alertAfter: 5m}
---
apiVersion: openslo/v1
kind: AlertNotificationTarget
metadata: {name: crew}
spec: {target: slack, description: The crew}
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: {name: burning}
spec:
  alertWhenNoData: true
  alertWhenResolved: false
  conditions:
    - conditionRef: fast
    - kind: AlertCondition
      metadata: {name: still}
      spec: {severity: page, condition: {threshold: 9, lookbackWindow: 10m}}
  notificationTargets: [{targetRef: crew}]
"""


def _fault(text: str, *changes: tuple[str, str]) -> str:
    with pytest.raises(ConfigurationError) as refused:
        only(text, *changes)
    return str(refused.value)


def test_an_openslo_document() -> None:
    slo = only(OPENSLO)
    assert (slo.name, slo.display_name, slo.service) == ("checkout", "Checkout", "shop")
    good, total = Promql('sum(requests_total{code!~"5.."})'), Promql("sum(requests_total)")
    assert slo.indicator == GoodRatio(good, total, counter=True)
    assert (slo.window, slo.method) == (RollingWindow(43_200), "Occurrences")
    assert slo.objectives == (Objective("objective-1", Decimal("0.999")),)
    assert slo.objectives[0].budget == 0.001
    assert (slo.place.file, slo.place.line) == ("slo.yaml", 2)


def test_spans_sql_and_promql_of_our_own() -> None:
    changes = (
        (RATIO, "bad: {metricSource: {type: goldeneye, spec: {sql: SELECT 1}}}"),
        (
            "{type: Prometheus, spec: {query: sum(requests_total)}}",
            "{type: goldeneye, spec: {spans: {service: shop, operation: pay, kind: server, "
            "filter: duration < 300ms}}}",
        ),
    )
    expected = Spans("shop", "pay", "server", Duration("<", 300_000_000))
    assert only(OPENSLO, *changes).indicator == BadRatio(Sql("SELECT 1"), expected, counter=True)
    ours = ("{type: Prometheus, spec: {query: sum(requests_total)}}",
            "{type: goldeneye, spec: {promql: vector(1)}}")  # fmt: skip
    indicator = only(OPENSLO, ours).indicator
    assert isinstance(indicator, GoodRatio)
    assert indicator.total == Promql("vector(1)")


def test_a_reference_to_a_data_source_has_no_effect_beside_the_type() -> None:
    assert only(OPENSLO, ("type: Prom", "metricSourceRef: x, type: Prom")) == only(OPENSLO)


def test_a_raw_ratio_and_a_threshold() -> None:
    start, end = OPENSLO.index("      ratioMetric"), OPENSLO.index("  timeWindow")
    ratio = OPENSLO[start:end]
    source = "metricSource: {type: Prometheus, spec: {query: x}}"
    raw = f"      ratioMetric: {{counter: true, rawType: failure, raw: {{{source}}}}}\n"
    assert only(OPENSLO, (ratio, raw)).indicator == RawRatio(Promql("x"), success=False)
    threshold = (ratio, f"      thresholdMetric: {{{source}}}\n")
    slo = only(OPENSLO, threshold, ("{target: 0.999}", "{op: lt, value: 0.5, targetPercent: 99}"))
    assert slo.indicator == Threshold(Promql("x"))
    assert slo.objectives == (Objective("objective-1", Decimal("0.99"), "lt", 0.5),)
    assert "objectives[0]: op is missing" in _fault(OPENSLO, threshold)


def test_a_calendar_and_slices() -> None:
    calendar = "calendar: {startTime: 2022-01-01 12:00:00, timeZone: America/New_York}"
    slo = only(
        OPENSLO,
        (WINDOW, f"timeWindow: [{{duration: 1M, isRolling: false, {calendar}}}]"),
        (METHOD, "budgetingMethod: Timeslices"),
        (
            OBJECTIVES,
            "objectives:\n"
            "    - {displayName: ours, target: 0.995, timeSliceTarget: 0.99, timeSliceWindow: 1m}\n"
            "    - {displayName: SLA, target: 0.99, timeSliceTarget: 1, timeSliceWindow: 5}",
        ),
    )
    assert isinstance(slo.window, CalendarWindow)
    assert (slo.window.unit, slo.window.zone) == ("M", "America/New_York")
    assert (slo.window.start.hour, slo.window.minutes) == (12, 43_200)
    sizes = [(one.name, one.slice_target, one.slice_minutes) for one in slo.objectives]
    assert sizes == [("ours", 0.99, 1), ("SLA", 1.0, 5)]


def test_parts_may_stand_in_other_documents_and_files() -> None:
    slo = OPENSLO + "  alertPolicies: [{alertPolicyRef: burning}]\n"
    loaded = load({"a.yaml": slo, "b.yaml": ALERTING})
    (policy,) = loaded.slos[0].policies
    assert (policy.name, policy.severity) == ("burning", "page")
    assert policy.alerts == (
        BurnAlert((BurnCondition(120, 10, or_equal=True), BurnCondition(10, 9)), 5),
    )
    assert policy.targets == (NotificationTarget("crew", "slack", "The crew"),)
    assert (policy.no_data, policy.when_resolved, policy.when_breaching) == ("fire", False, True)


def test_an_indicator_of_another_document() -> None:
    start, end = OPENSLO.index("  indicator:"), OPENSLO.index("  timeWindow")
    text = OPENSLO.replace(OPENSLO[start:end], "  indicatorRef: ok\n")
    sli = """---
apiVersion: openslo/v1
kind: SLI
metadata: {name: ok}
spec: {thresholdMetric: {metricSource: {type: Prometheus, spec: {query: up}}}}
---
apiVersion: openslo/v1
kind: Service
metadata: {name: shop, displayName: The shop}
spec: {description: sells}
"""
    text = text.replace("{target: 0.999}", "{op: gte, value: 1, target: 0.999}")
    loaded = load({"slo.yaml": text + sli})
    assert loaded.slos[0].indicator == Threshold(Promql("up"))
    assert (loaded.services[0].display_name, loaded.services[0].description) == (
        "The shop",
        "sells",
    )
    assert "there is no SLI of the name ok" in _fault(text)


def test_the_short_form() -> None:
    slo = only(NATIVE)
    total = Spans("shop", "POST /checkout")
    good = Spans("shop", "POST /checkout", None, Status("!=", "error"))
    assert slo.indicator == GoodRatio(good, total)
    assert (slo.objectives[0].budget, slo.window) == (0.001, RollingWindow(43_200))
    assert [policy.severity for policy in slo.policies] == ["page", "ticket"]


def test_the_short_form_with_everything() -> None:
    slo = only(
        NATIVE,
        ("window: 30d", "window: {calendar: 1M, time_zone: Europe/Berlin}"),
        ("{operation: POST /checkout}", "{filter: kind = server}"),
        ("good: status != error", "bad: duration > 1s"),
        (
            "service: shop",
            "service: shop\n"
            "    timeslices: {target: 95, window: 5m}\n"
            "    minimum_bad_events: 5\n"
            "    labels: {team: pay}\n"
            "    exclusions:\n"
            "      - {start: 2026-01-01T00:00:00Z, end: 2026-01-01T01:00:00Z, reason: move}\n"
            "      - {weekdays: [sat, sun], from: '22:00', to: '06:00', time_zone: Europe/Berlin}\n"
            "    alerts:\n"
            "      - {severity: page, windows: [1h, 5m], burn_rate: 14, for: 2m}\n"
            "      - {severity: page, windows: [6h], budget_percent: 5}\n",
        ),
    )
    both = And((Kind("=", "server"), Not(Duration(">", 10**9))))
    assert slo.indicator == GoodRatio(
        Spans("shop", None, None, both), Spans("shop", None, None, Kind("=", "server"))
    )
    assert (slo.method, slo.objectives[0].slice_minutes) == ("Timeslices", 5)
    assert (slo.minimum_bad_events, slo.labels) == (5, (("team", "pay"),))
    once, weekly = slo.exclusions
    assert once == Interval(1_767_225_600 * 10**9, 1_767_229_200 * 10**9, "move")
    assert isinstance(weekly, Weekly)
    assert weekly.weekdays == (5, 6)
    (page,) = slo.policies
    assert page.alerts == (
        BurnAlert((BurnCondition(60, 14), BurnCondition(5, 14)), 2),
        BurnAlert((BurnCondition(360, 6),)),
    )


def test_the_example_of_the_page_loads() -> None:
    page = (Path(__file__).parents[3] / "docs/slo.md").read_text(encoding="utf-8")
    slo = only(page.split("```yaml\n")[1].split("```")[0])
    assert (slo.name, slo.method) == ("checkout", "Occurrences")


def test_no_alerts_where_none_are_wanted() -> None:
    assert only(NATIVE, ("service: shop", "service: shop\n    alerts: none")).policies == ()
    assert only(OPENSLO + "  alertPolicies: []\n").policies == ()
    # Nothing behind the field is as if it were left out.
    assert len(only(OPENSLO + "  alertPolicies:\n").policies) == 2


def test_exclusions_of_all_and_of_some() -> None:
    both = NATIVE + NATIVE.replace("slos:\n", "").replace("name: checkout", "name: other")
    maintenance = """
exclusions:
  - {start: 2026-01-01T00:00:00Z, end: 2026-01-01T01:00:00Z}
  - {slos: [other], start: 2026-01-02T00:00:00Z, end: 2026-01-02T01:00:00Z}
"""
    loaded = load({"slo.yaml": both, "maintenance.yaml": maintenance})
    assert {slo.name: len(slo.exclusions) for slo in loaded.slos} == {"checkout": 1, "other": 2}
    with pytest.raises(ConfigurationError, match=r"maintenance.yaml:4: .*no SLO of the name other"):
        load({"slo.yaml": NATIVE, "maintenance.yaml": maintenance})


def test_windows_of_ones_own_for_their_period() -> None:
    windows = """
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 7d
  page:
    quick: {errorBudgetPercent: 8, shortWindow: 5m, longWindow: 1h}
    slow: {errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h}
  ticket:
    quick: {errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d}
    slow: {errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d}
"""
    week = NATIVE.replace("30d", "7d")
    for text, expected in ((week, [13.44, 3.5, 1.4, 0.98]), (NATIVE, [14.4, 6, 3, 1])):
        (slo,) = load({"windows.yaml": windows, "slo.yaml": text}).slos
        alerts = [alert for policy in slo.policies for alert in policy.alerts]
        assert [a.conditions[0].threshold for a in alerts] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "apiVersion: openslo/v1",
            "apiVersion: openslo/v2",
            "slo.yaml:2: apiVersion: 'openslo/v2'",
        ),
        ("kind: SLO", "kind: DataSource", "slo.yaml:3: kind: 'DataSource' is none of SLO, SLI"),
        ("service: shop", "servce: shop", "slo.yaml:6: spec.servce: unknown field; did you mean"),
        (
            "service: shop",
            "service: shop\n  service: x",
            "slo.yaml:7: spec.service: is there twice",
        ),
        ("target: 0.999", "target: 1", ":16: spec.objectives[0].target: must be from 0 to below 1"),
        ("target: 0.999", "target: x", ":16: spec.objectives[0].target: a number is expected"),
        ("target: 0.999", "target: .nan", "objectives[0].target: a number is expected"),
        ("target: 0.999", "target: 0.999, targetPercent: 99.9", "exactly one of target and"),
        ("target: 0.999", "target: 0.999, value: 3", "only a thresholdMetric is compared"),
        ("target: 0.999", "target: 0.999, op: lt", "only gt and gte have a meaning"),
        ("target: 0.999", "target: 0.999, compositeWeight: 1", "several indicators"),
        ("target: 0.999", "target: 0.999, timeSliceTarget: 0.9", "no meaning with the method"),
        ("Occurrences", "Timeslices", "timeSliceTarget is missing: the method is Timeslices"),
        ("Occurrences", "RatioTimeslices", "timeSliceWindow is missing"),
        ("Occurrences", "Occurences", ":15: spec.budgetingMethod: 'Occurences' is none of"),
        ("duration: 30d", "duration: 1M", "timeWindow[0].duration: '1M' has no fixed length"),
        ("duration: 30d", "duration: 30 days", "is no length of time"),
        ("duration: 30d", "duration: 59m", "must be from 1h to 400d"),
        ("isRolling: true", "isRolling: maybe", "isRolling: true or false is expected"),
        ("isRolling: true", "isRolling: false", "calendar is missing"),
        ("type: Prometheus", "type: Datadog", "type: 'Datadog' is none of Prometheus, goldeneye"),
        (
            "query: sum(requests_total)",
            "query: sum(",
            "total.metricSource.spec.query: is no PromQL",
        ),
        ("type: Prometheus,", "metricSourceRef: prom,", "total.metricSource: type is missing"),
        ("query: sum(requests_total)", "text: up", "spec.text: unknown field"),
        ("counter: true", "counter: 1", "ratioMetric.counter: true or false is expected"),
        ("metadata: {name: ok}", "metadata: {}", "indicator.metadata: name is missing"),
        ("name: checkout,", "name: 'a\"b',", "metadata.name: a name is at most"),
    ],
)
def test_faults_name_file_line_and_field(old: str, new: str, fault: str) -> None:
    assert fault in _fault(OPENSLO, (old, new))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("objective: 99.9", "objective: 100", "slo.yaml:5: slos[0].objective: must be from 0"),
        ("objective: 99.9", "objective: -1", "must be from 0 to below 100"),
        ("good: status != error", "good: status > error", "slos[0].good: 'status > error', char"),
        ("good: status != error", "", "exactly one of good and bad"),
        ("spans: {", "spans: {kind: x, ", "slo.yaml:7: slos[0].spans.kind: 'x' is none of"),
        (
            "window: 30d",
            "window: {calendar: 1M, time_zone: Mars/One}",
            "'Mars/One' is no time zone",
        ),
        ("window: 30d", "window: {calendar: 5h}", "is no period of a calendar"),
        ("service: shop", "alerts: some", "service is missing"),
    ],
)
def test_faults_of_the_short_form(old: str, new: str, fault: str) -> None:
    assert fault in _fault(NATIVE, (old, new))


@pytest.mark.parametrize(("target", "loads"), [("93", False), ("93.05", False), ("93.06", True)])
def test_an_objective_whose_window_can_never_fire_is_refused(target: str, loads: bool) -> None:
    """14.4 x (1 - 0.9306) = 0.99936, which an outage exceeds."""
    change = ("objective: 99.9", f"objective: {target}")
    if loads:
        assert only(NATIVE, change).objectives[0].target < 1
        return
    fault = _fault(NATIVE, change)
    assert fault.startswith("slo.yaml:5: slos[0].objective: the alert page can never fire")
    assert "a burn rate of 14.4 over 1h means 10" in fault
    assert "raise the target above 93.0556%" in fault


def test_a_condition_that_only_a_whole_outage_reaches_must_allow_equality() -> None:
    alert = "alertPolicies: [{metadata: {name: p}, spec: {conditions: [{metadata: {name: c}, spec: {severity: page, condition: {kind: burnrate, op: gt, threshold: 4, lookbackWindow: 1h}}}]}}]"  # noqa: E501
    text = OPENSLO.replace("0.999", "0.75") + f"  {alert}\n"
    assert "can never fire" in _fault(text)
    assert only(text, ("op: gt,", "op: gte,")).policies[0].name == "p"


def test_an_alert_may_not_look_further_back_than_the_window_nor_less_than_a_slice() -> None:
    alerts = "service: shop\n    alerts: [{severity: page, windows: [%s], burn_rate: 2}]"
    assert "an alert looks back 31d, further" in _fault(NATIVE, ("service: shop", alerts % "31d"))
    long = "service: shop\n    alerts: none\n    ratio_timeslices: {window: 2h}"
    fault = _fault(NATIVE, ("service: shop", long), ("window: 30d", "window: 1h"))
    assert "slo.yaml:7: slos[0].objective: a slice is longer than the window" in fault
    slices = alerts % "5m" + "\n    ratio_timeslices: {window: 10m}"
    assert "which is shorter than a slice of 10m" in _fault(NATIVE, ("service: shop", slices))


def test_names_are_taken_once_per_kind() -> None:
    with pytest.raises(ConfigurationError, match=r"b.yaml:2: another SLO is called checkout: a.ya"):
        load({"a.yaml": OPENSLO, "b.yaml": OPENSLO})
    with pytest.raises(ConfigurationError, match=r"another SLO is called checkout: a.yaml:2"):
        load({"a.yaml": OPENSLO, "b.yaml": NATIVE})


def test_all_documents_with_faults_are_named_at_once() -> None:
    bad = OPENSLO.replace("0.999", "7")
    with pytest.raises(ConfigurationError) as refused:
        load({"a.yaml": bad, "b.yaml": "slos: [{}]", "c.yaml": "a: [", "d.yaml": "x: 1"})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "c.yaml",
        "d.yaml",
        "a.yaml",
        "b.yaml",
    ]


@pytest.mark.parametrize("text", ["", "---\n---\n", "# nothing\n"])
def test_empty_files_hold_nothing(text: str) -> None:
    assert load({"slo.yaml": text}).slos == ()


@pytest.mark.parametrize("text", ["[1]", "just text", "[" * 2000, "\x00", "1: {2: 3}"])
def test_what_is_no_document_is_a_fault_of_its_file(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"slo\.yaml"):
        load({"slo.yaml": text})


def test_sql_is_checked_when_it_is_read() -> None:
    """Of an indicator of its own, too, which no objective names; each fault once."""
    sql = "{metricSource: {type: goldeneye, spec: {sql: %s}}}"
    broken = OPENSLO.replace(RATIO, f"bad: {sql % 'DELETE FROM spans'}")
    sli = f"""---
apiVersion: openslo/v1
kind: SLI
metadata: {{name: other}}
spec: {{thresholdMetric: {sql % "SELECT FROM"}}}
"""
    with pytest.raises(ConfigurationError) as refused:
        load({"slo.yaml": broken + sli}, CHECKS.sql)
    first, second = sorted(str(refused.value).splitlines())
    assert "slo.yaml:12: spec.indicator.spec.ratioMetric.bad" in first
    assert ".sql: cannot be asked: " in first
    assert "slo.yaml:21: spec.thresholdMetric" in second
    good = NATIVE.replace(
        "    spans: {operation: POST /checkout}\n    good: status != error\n",
        "    good: {sql: 'SELECT now() AS minute, 1 AS value'}\n    total: {promql: x}\n",
    )
    assert load({"slo.yaml": good}, CHECKS.sql).slos
