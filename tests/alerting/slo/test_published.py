"""Documents and rules of sloth and OpenSLO, where they lie beside the project."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from alerting.documents.entry import entries
from alerting.slo.calendar_window import CalendarWindow
from alerting.slo.catalogue import read_catalogue, workbook
from alerting.slo.lengths import length_text
from alerting.slo.loader import load
from alerting.slo.model import RollingWindow, Slo, Threshold
from goldeneye.errors import ConfigurationError

PUBLISHED: Final = Path(__file__).parents[4] / "shared/fixtures/slo"
pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason="the published documents are away")

_ROW: Final = re.compile(r"ratio_rate(\w+)\{[^}]*\} > \(([\d.]+) \* ([\d.]+)\)")


def _yaml(path: str) -> Any:
    return yaml.safe_load((PUBLISHED / "sloth" / path).read_text(encoding="utf-8"))


def _ours(service: str, slo: dict[str, Any]) -> Slo:
    """The same objective in our short form; sloth's windows are templates, ours are minutes."""
    events = {key: text.replace("{{.window}}", "1m") for key, text in slo["sli"]["events"].items()}
    both = [slo["alerting"][f"{one}_alert"].get("disable") for one in ("page", "ticket")]
    document = {
        "name": slo["name"],
        "service": service,
        "objective": slo["objective"],
        "window": "30d",
        "bad": {"promql": events["error_query"]},
        "total": {"promql": events["total_query"]},
        **({"alerts": "none"} if all(both) else {}),
    }
    return load({"slo.yaml": yaml.safe_dump({"slos": [document]})}).slos[0]


def _groups(expected: Any, name: str, kind: str) -> list[dict[str, Any]]:
    found = [g for g in expected["groups"] if g["name"].endswith(name) and kind in g["name"]]
    return [rule for group in found for rule in group["rules"]]


@pytest.mark.parametrize("file", ["getting-started", "no-alerts", "home-wifi"])
def test_our_alerts_are_the_rules_that_sloth_makes(file: str) -> None:
    given, expected = _yaml(f"{file}.yml"), _yaml(f"{file}.expected.yml")
    for spec in given["slos"]:
        slo = _ours(given["service"], spec)
        rules = _groups(expected, spec["name"], "-alerts-")
        made = {}
        for rule in rules:
            rows = [(window, float(f), float(b)) for window, f, b in _ROW.findall(rule["expr"])]
            made[rule["labels"]["sloth_severity"]] = sorted(rows)
        assert {policy.severity for policy in slo.policies} == set(made)
        for policy in slo.policies:
            ours = sorted(
                (_sloth(c.minutes), c.threshold, slo.objectives[0].budget)
                for alert in policy.alerts
                for c in alert.conditions
            )
            for row, other in zip(ours, made[policy.severity], strict=True):
                assert row[0] == other[0]
                assert row[1:] == pytest.approx(other[1:], rel=1e-9)


@pytest.mark.parametrize("file", ["getting-started", "no-alerts", "home-wifi"])
def test_our_objectives_and_windows_are_those_that_sloth_records(file: str) -> None:
    given, expected = _yaml(f"{file}.yml"), _yaml(f"{file}.expected.yml")
    for spec in given["slos"]:
        slo = _ours(given["service"], spec)
        meta = {rule["record"]: rule["expr"] for rule in _groups(expected, spec["name"], "-meta-")}
        target, period = (
            float(re.findall(r"[\d.]+", meta[name])[0])
            for name in ("slo:objective:ratio", "slo:time_period:days")
        )
        assert float(slo.objectives[0].target) == pytest.approx(target)
        assert slo.window == RollingWindow(round(period * 1440))
        recorded = {
            rule["labels"]["sloth_window"]
            for rule in _groups(expected, spec["name"], "-sli-")
            if rule["record"].startswith("slo:sli_error")
        }
        ours = {
            _sloth(c.minutes)
            for p in workbook().policies(43_200)
            for a in p.alerts
            for c in a.conditions
        }
        assert recorded == {*ours, "30d"}


def _sloth(minutes: int) -> str:
    """sloth writes `7d` where we write `1w`."""
    return f"{minutes // 1440}d" if minutes % 1440 == 0 else length_text(minutes)


def test_our_windows_are_those_of_the_published_catalogue() -> None:
    text = (PUBLISHED / "sloth/google-30d.yaml").read_text(encoding="utf-8")
    assert read_catalogue(next(entries("google-30d.yaml", text))) == workbook()


def test_the_alpha_version_of_openslo_is_refused_by_name() -> None:
    text = (PUBLISHED / "sloth/openslo-getting-started.yml").read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"a.yaml:6: apiVersion: 'openslo/v1alpha' is not"):
        load({"a.yaml": text})


def _openslo(path: str) -> str:
    return (PUBLISHED / "openslo/examples" / path).read_text(encoding="utf-8")


BUDGETING = "budgeting-method"


@pytest.mark.parametrize(
    ("path", "method", "targets"),
    [
        (f"{BUDGETING}/occurences-slo.yaml", "Occurrences", [0.99]),
        (f"{BUDGETING}/ratio-timeslices.yaml", "RatioTimeslices", [0.99]),
        (f"{BUDGETING}/timeslices-slo.yaml", "Timeslices", [0.995, 0.99]),
        ("treat-low-traffic-as-equally-important/timeslices-slo.yaml", "Timeslices", [0.9995]),
    ],
)
def test_openslo_documents_load_once_they_say_where_the_numbers_are(
    path: str, method: str, targets: list[float]
) -> None:
    text = _openslo(path)
    with pytest.raises(ConfigurationError, match=r"metricSource.type: 'Any' is none of"):
        load({"slo.yaml": text})
    text = text.replace("type: Any", "type: Prometheus").replace("query: Any", "query: up", 1)
    (slo,) = load({"slo.yaml": text.replace("query: Any", "query: vector(1)")}).slos
    assert slo.method == method
    assert [float(one.target) for one in slo.objectives] == targets
    assert len(slo.policies) == 2


def test_openslo_windows_and_thresholds() -> None:
    text = _openslo(f"{BUDGETING}/occurences-slo.yaml").replace("type: Any", "type: Prometheus")
    (slo,) = load({"slo.yaml": text.replace("query: Any", "query: up")}).slos
    assert isinstance(slo.indicator, Threshold)
    assert (slo.objectives[0].op, slo.objectives[0].value) == ("lt", 500)
    assert slo.window == RollingWindow(20_160)
    text = _openslo(f"{BUDGETING}/timeslices-slo.yaml").replace("type: Any", "type: Prometheus")
    text = text.replace("query: Any", "query: up", 1).replace("query: Any", "query: vector(1)")
    (slo,) = load({"slo.yaml": text}).slos
    assert isinstance(slo.window, CalendarWindow)
    assert (slo.window.count, slo.window.unit, slo.window.zone) == (1, "M", "America/New_York")
