"""What clients of Prometheus ask about rules, over HTTP: Grafana adds parameters of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.alerting_api import Whole, alerting_api

RULES = "/prometheus/api/v1/rules"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """One group from a file, and two that were made."""
    with alerting_api(Path(tmp_path_factory.mktemp("data"))) as found:
        for name in ("a", "b"):
            rules = [{"alert": name, "expr": "x", "labels": {"team": name}}]
            found.ask("POST", "/api/v1/rules", 201, json={"name": name, "rules": rules})
        yield found


def _groups(whole: Whole, params: Any) -> list[str]:
    return [one["name"] for one in whole.get(RULES, params)["data"]["groups"]]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"limit_alerts": "16", "state": "firing"}, ["shop", "a", "b"]),
        ({"type": "ALERT", "exclude_alerts": "t"}, ["shop", "a", "b"]),
        ({"match[]": '{team="a"}'}, ["a"]),
        ({"match[]": ['{team=~"a|b",team!="a"}', '{severity="page"}']}, ["shop", "b"]),
        ({"rule_name[]": ["a", "b"], "rule_group[]": "b"}, ["b"]),
    ],
)
def test_what_is_not_known_is_passed_over(whole: Whole, params: Any, names: list[str]) -> None:
    assert _groups(whole, params) == names


def test_pages(whole: Whole) -> None:
    first = whole.get(RULES, {"group_limit": "2"})["data"]
    assert [one["name"] for one in first["groups"]] == ["shop", "a"]
    then = {"group_limit": "2", "group_next_token": first["groupNextToken"]}
    assert _groups(whole, then) == ["b"]
    assert "groupNextToken" not in whole.get(RULES, then)["data"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"type": "nope"}, 'invalid parameter "type": not supported value "nope"'),
        ({"exclude_alerts": "maybe"}, "error converting exclude_alerts"),
        ({"group_limit": "0"}, "group_limit needs to be greater than 0"),
        ({"group_limit": "x"}, "group_limit needs to be a valid number"),
        ({"group_next_token": "x"}, "group_limit needs to be present"),
        ({"group_limit": "1", "group_next_token": "x"}, "invalid group_next_token 'x'"),
        ({"match[]": '{team=~"("}'}, 'invalid parameter "match[]"'),
    ],
)
def test_errors_are_those_of_prometheus(whole: Whole, params: Any, words: str) -> None:
    answer = whole.client.get(RULES, params=params)
    said = answer.json()
    assert (answer.status_code, said["status"], said["errorType"]) == (400, "error", "bad_data")
    assert words in said["error"]
