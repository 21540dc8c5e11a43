"""Rules over HTTP: listed, made, changed, tried; and as Prometheus tells them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support.alerting_api import RULES, Whole, alerting_api
from support.rules import FAILURE, samples

OWN = {"name": "own", "interval": "5s", "rules": [{"alert": "Own", "expr": "x > 1"}]}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with alerting_api(tmp_path) as found:
        yield found


def _names(whole: Whole, **params: str) -> list[str]:
    return [one["name"] for one in whole.get("/api/v1/rules", params)["rules"]]


def test_rules_are_listed_with_how_they_fare(whole: Whole) -> None:
    whole.slow("shop", "cart")
    (rule,) = whole.get("/api/v1/rules")["rules"]
    assert rule["file"].endswith("rules.yml")
    said = {name: rule[name] for name in ("name", "rule_group", "expr", "for", "labels", "kind")}
    assert said == {
        "name": "Slow",
        "rule_group": "shop",
        "expr": "latency > 1",
        "for": "0s",
        "labels": {"severity": "page"},
        "kind": "alerting",
    }
    fares = [rule[name] for name in ("read_only", "health", "state", "alerts", "error")]
    assert fares == [True, "ok", "firing", {"pending": 0, "firing": 2}, None]
    assert rule["evaluated_time"] == whole.at(10)


def test_a_rule_that_fails_shows_it(whole: Whole) -> None:
    whole.data.answer = FAILURE
    whole.step(10)
    (rule,) = whole.get("/api/v1/rules", {"health": "error"})["rules"]
    assert rule["error"] == "the query failed"
    assert whole.get("/api/v1/rules", {"health": "ok"})["rules"] == []


@pytest.mark.parametrize("form", ["json", "yaml", "file"])
def test_a_group_is_made_evaluated_changed_and_deleted(whole: Whole, form: str) -> None:
    body = {"json": OWN, "yaml": OWN, "file": {"groups": [OWN]}}[form]
    content = yaml.safe_dump(body) if form == "yaml" else None
    more = {"content": content} if content else {"json": body}
    made = whole.ask("POST", "/api/v1/rules", 201, **more)
    assert (made["rule_group"], made["read_only"], made["interval_s"]) == ("own", False, 5.0)
    whole.data.answer = samples(({"job": "a"}, 2.0))
    whole.step(5)
    assert whole.get("/api/v1/rules/own")["rules"][0]["state"] == "firing"
    held = {**OWN, "rules": [*OWN["rules"], {"record": "y", "expr": "x"}]}  # type: ignore[misc]
    assert len(whole.ask("PUT", "/api/v1/rules/own", 200, json=held)["rules"]) == 2
    assert whole.get("/api/v1/rules/own")["rules"][0]["state"] == "firing"
    assert yaml.safe_load(whole.client.get("/api/v1/rules/export").text) == {"groups": [held]}
    whole.ask("DELETE", "/api/v1/rules/own", 204)
    assert _names(whole) == ["Slow"]


def test_names_may_have_slashes(whole: Whole) -> None:
    whole.ask("POST", "/api/v1/rules", 201, json={**OWN, "name": "node/disk"})
    assert whole.get("/api/v1/rules/node%2Fdisk")["rule_group"] == "node/disk"
    whole.ask("DELETE", "/api/v1/rules/node%2Fdisk", 204)


def test_a_group_of_a_file_may_have_the_name_of_a_page(whole: Whole, tmp_path: Path) -> None:
    groups = "{groups: [{name: export, rules: [{record: a, expr: x}]}, {name: test, rules: []}]}"
    (tmp_path / "rules.yml").write_text(groups, encoding="utf-8")
    whole.ask("POST", "/-/reload", 204)
    (rule,) = whole.get("/api/v1/rules", {"rule_group": "export"})["rules"]
    assert rule["name"] == "a"
    assert whole.get("/api/v1/rules/test")["rule_group"] == "test"


def test_what_was_made_is_there_after_a_restart(tmp_path: Path) -> None:
    with alerting_api(tmp_path) as before:
        before.ask("POST", "/api/v1/rules", 201, json={"alert": "One", "expr": "x"})
    with alerting_api(tmp_path, after=before) as after:
        assert _names(after) == ["Slow", "One"]
        assert after.get("/api/v1/rules/One")["rule_group"] == "One"


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ("[", 400, "no YAML"),
        ("3", 400, "no group of rules"),
        ("{}", 400, "none of `groups`"),
        ("{name: g, rules: [{alert: A, exp: x}]}", 422, "exp.*unknown field.*expr"),
        ("{name: g, rules: [{alert: A, expr: 'x ='}]}", 422, "could not parse expression"),
        ("{groups: [{name: a}, {name: b}]}", 400, "one group is expected, 2 are given"),
        (
            "{name: export, rules: []}",
            400,
            "no group can be called 'export': that is a page's name",
        ),
        ("{name: shop, rules: []}", 400, "the group 'shop' is there already"),
    ],
)
def test_what_is_broken_is_refused_whole(whole: Whole, body: str, status: int, detail: str) -> None:
    answer = whole.ask("POST", "/api/v1/rules", status, content=body)
    assert re.search(detail, answer["detail"], re.DOTALL), answer
    assert _names(whole) == ["Slow"]


def test_groups_of_files_are_changed_there(whole: Whole) -> None:
    for method, more in (("PUT", {"json": {**OWN, "name": "shop"}}), ("DELETE", {})):
        answer = whole.ask(method, "/api/v1/rules/shop", 400, **more)
        assert "changed where it stands" in answer["detail"]
    whole.ask("DELETE", "/api/v1/rules/nothing", 404)
    whole.get("/api/v1/rules/nothing", status=404)
    whole.get("/api/v1/rules", {"nonsense": "1"}, status=400)


def test_a_draft_says_when_it_would_have_fired(whole: Whole) -> None:
    whole.data.answer = samples(({"job": "a"}, 2.0))
    draft = {
        "rules": {"alert": "D", "expr": "x > 1", "for": "1m"},
        "start": "now-5m",
        "step": "30s",
    }
    found = whole.ask("POST", "/api/v1/rules/test", json=draft)
    (fired,) = found["fired"]
    assert (fired["start"], fired["end"], fired["duration_s"]) == (whole.at(-240), None, 240.0)
    assert [one["after"] for one in found["events"]] == ["pending", "firing"]
    assert (found["evaluations"], found["errors"]) == (11, [])
    assert _names(whole) == ["Slow"]
    for wrong in ({"start": "now-400d"}, {"start": "now", "end": "now-1h"}, {"step": "x"}):
        whole.ask("POST", "/api/v1/rules/test", 400, json={**draft, **wrong})


def test_prometheus_is_told_in_its_words(whole: Whole) -> None:
    whole.slow("shop")
    (group,) = whole.get("/prometheus/api/v1/rules")["data"]["groups"]
    (rule,) = group["rules"]
    assert (group["name"], group["interval"]) == ("shop", 10.0)
    assert (rule["type"], rule["state"], rule["health"]) == ("alerting", "firing", "ok")
    (alert,) = rule["alerts"]
    assert (alert["value"], alert["activeAt"]) == ("3e+00", whole.at(10))
    assert whole.get("/prometheus/api/v1/alerts")["data"]["alerts"] == [alert]
    for params, count in (({"type": "record"}, 0), ({"rule_name[]": "Slow"}, 1)):
        assert len(whole.get("/prometheus/api/v1/rules", params)["data"]["groups"]) == count


def test_a_reload_takes_all_files_or_none(whole: Whole, tmp_path: Path) -> None:
    (tmp_path / "rules.yml").write_text(RULES.replace("Slow", "Slower"))
    whole.ask("POST", "/-/reload", 204)
    assert _names(whole) == ["Slower"]
    (tmp_path / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: []")
    (tmp_path / "rules.yml").write_text(RULES)
    answer = whole.ask("POST", "/-/reload", 422)
    assert "alertmanager.yml:1: route.receiver: undefined receiver" in answer["detail"]
    assert _names(whole) == ["Slower"]
