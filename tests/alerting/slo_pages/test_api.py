"""SLOs over HTTP: how they stand, reports, and making them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.alerting_api import Whole, alerting_api
from support.slo_data import MINUTE_NS

from goldeneye.telemetry import SLO_FAILURES

SLOS = """
slos:
  - {name: shop, service: shop, objective: 99, window: 30d, spans: {}, good: status != error}
"""
OWN = {
    "name": "own",
    "service": "cart",
    "objective": 99.9,
    "window": "7d",
    "spans": {},
    "good": "status != error",
}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with alerting_api(tmp_path, slos=SLOS) as found:
        yield found


def _happened(whole: Whole, minutes_ago: int, good: int, bad: int) -> None:
    now = whole.clock.now_ns() // MINUTE_NS
    whole.minutes.happened(now - minutes_ago, good, bad)


def test_a_budget_is_told_with_its_burn_rates(whole: Whole) -> None:
    _happened(whole, 0, 995, 5)
    whole.step(5)
    shown = whole.get("/api/v1/slos/shop")
    assert (shown["good"], shown["total"], shown["indicator"]) == (995.0, 1_000.0, 0.995)
    assert (shown["error_budget_remaining"], shown["state"]) == (0.5, "ok")
    assert shown["burn_rates"]["1h"] == 0.5
    # Half of 30 days' budget, burning at half of the speed that empties it.
    assert shown["time_to_exhaustion_s"] == 30 * 86_400
    assert sum(day["error_budget_spent"] for day in shown["objectives"][0]["days"]) == 0.5
    (listed,) = whole.get("/api/v1/slos")["slos"]
    assert listed["error_budget_remaining"] == 0.5
    assert "days" not in listed["objectives"][0]


def test_what_is_overspent_is_negative_and_alerts(whole: Whole) -> None:
    _happened(whole, 0, 50, 50)
    whole.step(5)
    shown = whole.get("/api/v1/slos/shop")
    assert (shown["error_budget_remaining"], shown["state"]) == (-49.0, "burning")
    assert {alert["severity"] for alert in whole.alerts()} == {"page", "ticket"}


def test_without_traffic_nothing_is_claimed(whole: Whole) -> None:
    whole.step(5)
    shown = whole.get("/api/v1/slos/shop")
    assert (shown["error_budget_remaining"], shown["indicator"]) == (None, None)
    assert (shown["state"], shown["error"]) == ("no_data", None)


def test_an_slo_that_cannot_be_counted_says_why(whole: Whole) -> None:
    whole.minutes.broken.add("shop")
    whole.step(5)
    assert whole.get("/api/v1/slos/shop")["error"] == "shop is broken"


def test_a_report_has_months_weeks_and_windows(whole: Whole) -> None:
    _happened(whole, 0, 99, 1)
    whole.step(5)
    (objective,) = whole.get("/api/v1/slos/report", {"weeks": 1, "periods": 2})["report"]
    periods = [(one["period"], one["total"], one["met"]) for one in objective["periods"]]
    assert periods[:2] == [("this_month", 100.0, True), ("last_month", 0.0, None)]
    assert [one["total"] for one in objective["windows"]] == [100.0, 0.0]
    assert len(periods) == 3


def test_an_slo_is_made_counted_changed_and_deleted(whole: Whole) -> None:
    made = whole.ask("POST", "/api/v1/slos", 201, json=OWN)
    assert (made["name"], made["read_only"]) == ("own", False)
    _happened(whole, 0, 999, 1)
    whole.step(5)
    assert whole.get("/api/v1/slos/own")["error_budget_remaining"] == 0.0
    changed = {**OWN, "objective": 99.8}
    whole.ask("PUT", "/api/v1/slos/own", 200, json=changed)
    assert whole.get("/api/v1/slos/own")["error_budget_remaining"] == 0.5
    kept = yaml.safe_load(whole.client.get("/api/v1/slos/export").text)
    assert kept == {"slos": [changed]}
    whole.ask("DELETE", "/api/v1/slos/own", 204)
    assert [one["name"] for one in whole.get("/api/v1/slos")["slos"]] == ["shop"]


def test_the_metric_of_an_slo_that_is_gone_goes_too(whole: Whole) -> None:
    def shown() -> set[str]:
        return {one.labels["slo"] for each in SLO_FAILURES.collect() for one in each.samples}

    whole.ask("POST", "/api/v1/slos", 201, json=OWN)
    whole.minutes.broken.add("cart")
    whole.step(5)
    assert "own" in shown()
    whole.ask("DELETE", "/api/v1/slos/own", 204)
    assert "own" not in shown()


def test_what_was_made_is_there_after_a_restart(tmp_path: Path) -> None:
    with alerting_api(tmp_path) as before:
        before.ask("POST", "/api/v1/slos", 201, json=OWN)
    with alerting_api(tmp_path, after=before) as after:
        assert after.get("/api/v1/slos/own")["window"] == {"kind": "rolling", "length": "1w"}


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ("[", 400, "no YAML"),
        ("[1]", 400, "no SLO"),
        (json.dumps({**OWN, "name": "report"}), 400, "no SLO can be called 'report'"),
        ("{name: x, servise: y}", 422, "servise"),
        ("{apiVersion: openslo/v1, kind: SLI, metadata: {name: x}, spec: {}}", 422, ""),
    ],
)
def test_what_is_broken_is_refused(whole: Whole, body: str, status: int, detail: str) -> None:
    assert detail in whole.ask("POST", "/api/v1/slos", status, content=body)["detail"]
    assert len(whole.get("/api/v1/slos")["slos"]) == 1


def test_slos_of_files_are_changed_there(whole: Whole) -> None:
    answer = whole.ask("PUT", "/api/v1/slos/shop", 400, json={**OWN, "name": "shop"})
    assert "slos.yml" in answer["detail"]
    whole.ask("POST", "/api/v1/slos", 400, json={**OWN, "name": "shop"})
    whole.ask("DELETE", "/api/v1/slos/nothing", 404)
    whole.get("/api/v1/slos/nothing", status=404)
    whole.get("/api/v1/slos/report", {"slo": "nothing"}, status=404)
