"""Alerts over HTTP, while they come and go."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.alerting_api import NOBODY, Whole, alerting_api

from alerting.labels import fingerprint


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with alerting_api(tmp_path_factory.mktemp("empty")) as found:
        yield found


SHOP = {"alertname": "Slow", "service_name": "shop", "severity": "page", "region": "eu"}
SHOP_ID = fingerprint(SHOP)


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with alerting_api(tmp_path) as found:
        yield found


def test_an_alert_is_shown_with_all_that_is_known_of_it(whole: Whole) -> None:
    whole.slow("shop")
    (alert,) = whole.alerts()
    assert alert == {
        "alert_id": SHOP_ID,
        "rule": "Slow",
        "rule_group": "shop",
        "kind": "promql",
        "labels": SHOP,
        "annotations": {"summary": "shop is slow"},
        "service_name": "shop",
        "severity": "page",
        "state": "firing",
        "value": 3.0,
        "active_time": whole.at(10),
        "fired_time": whole.at(10),
        "resolved_time": None,
        "generator_url": "http://goldeneye.example/prometheus/api/v1/query?query=latency+%3E+1",
        "silenced_by": [],
        "inhibited_by": [],
        "acknowledged": None,
        "receivers": ["team"],
        "flapping": False,
    }
    assert whole.get(f"/api/v1/alerts/{SHOP_ID}") == alert


def test_an_alert_that_ended_is_shown_for_a_quarter_of_an_hour(whole: Whole) -> None:
    whole.slow("shop")
    whole.slow()
    (alert,) = whole.alerts()
    assert (alert["state"], alert["resolved_time"]) == (
        "resolved",
        whole.at(20),
    )
    whole.slow(seconds=910)
    assert whole.alerts() == []


def test_pending_alerts_wait(tmp_path: Path) -> None:
    rules = (
        "groups: [{name: g, interval: 10s, rules: "
        "[{alert: Slow, expr: latency > 1, for: 15s, no_data: keep}]}]"
    )
    with alerting_api(tmp_path, rules) as whole:
        whole.slow("shop")
        assert [(a["state"], a["fired_time"]) for a in whole.alerts()] == [("pending", None)]
        whole.slow("shop", seconds=20)
        assert [a["state"] for a in whole.alerts()] == ["firing"]


def test_filters(whole: Whole) -> None:
    whole.slow("shop", "cart")
    whole.slow("shop")

    def services(**params: object) -> list[str]:
        return sorted(one["service_name"] for one in whole.alerts(**params))

    assert services() == ["cart", "shop"]
    assert services(state="resolved") == ["cart"]
    assert services(state=["resolved", "firing"]) == ["cart", "shop"]
    assert services(service="shop") == ["shop"]
    assert services(rule="Fast") == []
    assert services(rule_group="shop", severity="page") == ["cart", "shop"]
    assert services(receiver="team") == ["cart", "shop"]
    assert services(receiver="nobody") == []
    assert services(filter=['service_name=~"s.*"', "region=eu"]) == ["shop"]
    assert services(filter="region!=eu") == []
    assert services(alert_id=SHOP_ID) == ["shop"]


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"team": "x"}, "team"),
        ({"state": "bad"}, "state"),
        ({"filter": "{a=b"}, "filter: "),
        ({"cursor": "x"}, "cursor: "),
        ({"start": "tomorrow"}, "start: "),
        ({"start": "now", "end": "now-1h"}, "start: is not before end"),
        ({"history": "true", "receiver": "team"}, "receiver: "),
    ],
)
def test_wrong_questions_are_refused(empty: Whole, params: dict[str, str], says: str) -> None:
    assert says in empty.get("/api/v1/alerts", params, 400)["detail"]


def test_pages_follow_one_another(whole: Whole) -> None:
    whole.slow("a", "b", "c")
    first = whole.get("/api/v1/alerts", {"limit": 2})
    second = whole.get("/api/v1/alerts", {"limit": 2, "cursor": first["next_cursor"]})
    services = [one["service_name"] for one in first["alerts"] + second["alerts"]]
    assert (sorted(services), len(first["alerts"]), "next_cursor" in second) == (
        ["a", "b", "c"],
        2,
        False,
    )


def test_alerts_that_others_reported_are_shown(whole: Whole) -> None:
    labels = {"alertname": "Disk", "service": "db", "severity": "ticket"}
    whole.ask("POST", "/alertmanager/api/v2/alerts", json=[{"labels": labels}])
    (alert,) = whole.alerts()
    assert (alert["rule"], alert["kind"], alert["service_name"], alert["state"]) == (
        "Disk",
        "external",
        "db",
        "firing",
    )
    assert alert["rule_group"] is None
    # The resolve timeout.
    whole.step(301)
    assert [one["state"] for one in whole.alerts()] == ["resolved"]


def test_silences_and_inhibition_are_told(tmp_path: Path) -> None:
    inhibiting = NOBODY + (
        "inhibit_rules: "
        "[{source_matchers: [service_name=db], target_matchers: [service_name=shop]}]"
    )
    with alerting_api(tmp_path, alertmanager=inhibiting) as whole:
        whole.slow("shop", "db")
        draft = {
            "matchers": ["service_name=shop"],
            "created_by": "me",
            "comment": "known",
            "duration": "1h",
        }
        silence = whole.ask("POST", "/api/v1/silences", 201, json=draft)
        (shop,) = whole.alerts(service="shop")
        (database,) = whole.alerts(service="db")
        assert shop["silenced_by"] == [silence["id"]]
        assert shop["inhibited_by"] == [database["alert_id"]]
        assert database["silenced_by"] == database["inhibited_by"] == []


def acknowledge(whole: Whole, status: int = 200, comment: str = "") -> object:
    path = f"/api/v1/alerts/{SHOP_ID}/acknowledge"
    return whole.ask("POST", path, status, json={"by": "ann", "comment": comment})


def test_an_acknowledgement_holds_until_the_firing_ends(tmp_path: Path) -> None:
    with alerting_api(tmp_path) as whole:
        whole.slow("shop")
        acknowledge(whole, comment="on it")
    with alerting_api(tmp_path, after=whole) as whole:
        whole.slow("shop")
        (alert,) = whole.alerts()
        assert alert["acknowledged"] == {
            "by": "ann",
            "time": whole.at(0),
            "comment": "on it",
        }
        whole.slow()
        assert whole.alerts()[0]["acknowledged"] is None
        whole.slow("shop")
        assert [(a["state"], a["acknowledged"]) for a in whole.alerts()] == [("firing", None)]
        whole.slow("shop", seconds=60)
        assert whole.alerting.ask(lambda engine: engine.acknowledgements.all()) == {}


def test_an_acknowledgement_is_an_event_and_can_be_taken_back(whole: Whole) -> None:
    whole.slow("shop")
    acknowledge(whole, comment="on it")
    path = f"/api/v1/alerts/{SHOP_ID}/acknowledge"
    assert whole.ask("DELETE", path, params={"by": "bob"})["acknowledged"] is None
    whole.step()
    told = [
        (line["before"], line["after"], line["reason"], line["actor"], line["detail"])
        for line in whole.lake.tables["alert_events"]
    ]
    assert told == [
        ("inactive", "firing", "condition_met", None, None),
        ("firing", "firing", "acknowledged", "ann", "on it"),
        ("firing", "firing", "acknowledgement_withdrawn", "bob", None),
    ]
    assert {line["alert_id"] for line in whole.lake.tables["alert_events"]} == {SHOP_ID}
    problem = whole.ask("DELETE", path, 409)
    assert problem["type"] == "urn:goldeneye:problem:conflict"


def test_what_cannot_be_acknowledged(whole: Whole) -> None:
    acknowledge(whole, 404)
    whole.slow("shop")
    whole.slow()
    acknowledge(whole, 409)
    path = f"/api/v1/alerts/{SHOP_ID}/acknowledge"
    assert whole.ask("POST", path, 400, json={"comment": "who?"})
    whole.get(f"/api/v1/alerts/{'0' * 16}", status=404)


def test_an_alert_that_comes_and_goes_flaps(tmp_path: Path) -> None:
    with alerting_api(tmp_path) as whole:
        whole.slow("shop")
        whole.slow()
        whole.slow("shop")
        assert not whole.alerts()[0]["flapping"]
        whole.slow()
        assert whole.alerts()[0]["flapping"]
    with alerting_api(tmp_path, after=whole) as whole:
        whole.slow("shop")
        assert whole.alerts()[0]["flapping"]
        whole.slow("shop", seconds=3_600)
        assert not whole.alerts()[0]["flapping"]


def test_alerts_of_others_have_a_history_through_a_restart(tmp_path: Path) -> None:
    labels = {"alertname": "Disk", "service": "db"}

    def told(whole: Whole) -> list[tuple[str, str, str, str]]:
        return [
            (line["rule"], line["before"], line["after"], line["reason"])
            for line in whole.lake.tables["alert_events"]
        ]

    begun = ("Disk", "inactive", "firing", "reported")
    with alerting_api(tmp_path) as whole:
        for _ in range(2):
            whole.ask("POST", "/alertmanager/api/v2/alerts", json=[{"labels": labels}])
            whole.step(10)
        assert told(whole) == [begun]
    whole.clock.advance(400)
    with alerting_api(tmp_path, after=whole) as whole:
        whole.step()
        # Its resolve timeout passed meanwhile.
        assert told(whole) == [("Disk", "firing", "resolved", "report_ended")]
        whole.ask("POST", "/alertmanager/api/v2/alerts", json=[{"labels": labels}])
        whole.step(1)
        assert told(whole)[1:] == [begun]


def test_an_acknowledged_alert_of_others_stays_so_while_it_is_reported(tmp_path: Path) -> None:
    labels = {"alertname": "Disk", "service": "db"}
    with alerting_api(tmp_path) as whole:
        for _ in range(2):
            whole.ask("POST", "/alertmanager/api/v2/alerts", json=[{"labels": labels}])
            whole.step(10)
        path = f"/api/v1/alerts/{fingerprint(labels)}/acknowledge"
        whole.ask("POST", path, json={"by": "ann"})
    with alerting_api(tmp_path, after=whole) as whole:
        whole.ask("POST", "/alertmanager/api/v2/alerts", json=[{"labels": labels}])
        assert whole.alerts()[0]["acknowledged"]["by"] == "ann"
