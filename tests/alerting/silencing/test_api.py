"""Silences over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.alerting_api import Whole, alerting_api

PATH = "/api/v1/silences"


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with alerting_api(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with alerting_api(tmp_path_factory.mktemp("empty")) as found:
        yield found


def draft(**changed: Any) -> dict[str, Any]:
    said = {
        "matchers": ["service_name=shop"],
        "created_by": "ann",
        "comment": "known",
        "duration": "1h",
    }
    return {**said, **changed}


def at(whole: Whole, seconds: float) -> str:
    """In whole milliseconds."""
    return whole.at(seconds)[:23] + "000000Z"


def create(whole: Whole, **changed: Any) -> Any:
    return whole.ask("POST", PATH, 201, json=draft(**changed))


def test_a_silence_is_kept_and_shown(tmp_path: Path) -> None:
    object_form = {"name": "team", "operator": "=~", "value": "a|b"}
    with alerting_api(tmp_path) as whole:
        made = create(whole, matchers=['service_name="shop"', object_form])
        assert made == {
            "id": made["id"],
            "state": "active",
            "matchers": [{"name": "service_name", "operator": "=", "value": "shop"}, object_form],
            "start_time": at(whole, 0),
            "end_time": at(whole, 3_600),
            "created_by": "ann",
            "comment": "known",
            "updated_time": at(whole, 0),
        }
        assert whole.get(f"{PATH}/{made['id']}") == made
    with alerting_api(tmp_path, after=whole) as whole:
        assert whole.get(PATH) == {"silences": [made]}


def test_the_list_is_ordered_filtered_and_paged(whole: Whole) -> None:
    long = create(whole, duration="2h")["id"]
    short = create(whole, matchers=["team!=b", "env=c"])["id"]
    later = create(whole, start_time="now+1h", duration="30m", created_by="bob")["id"]
    over = create(whole, duration="5m")["id"]
    whole.clock.advance(600)

    def ids(**params: Any) -> list[str]:
        return [one["id"] for one in whole.get(PATH, params)["silences"]]

    assert ids() == [short, long, later, over]
    assert ids(state="expired") == [over]
    assert ids(state=["active", "pending"]) == [short, long, later]
    assert ids(created_by="bob") == [later]
    assert ids(filter="team!=b") == [short]
    first = whole.get(PATH, {"limit": 3})
    assert [one["id"] for one in first["silences"]] == [short, long, later]
    rest = whole.get(PATH, {"limit": 3, "cursor": first["next_cursor"]})
    assert rest == {"silences": [whole.get(f"{PATH}/{over}")]}


def test_one_that_is_ended_mutes_no_more(whole: Whole) -> None:
    whole.slow("shop")
    made = create(whole)["id"]
    assert whole.alerts()[0]["silenced_by"] == [made]
    whole.clock.advance(60)
    whole.ask("DELETE", f"{PATH}/{made}", 204)
    assert whole.alerts()[0]["silenced_by"] == []
    ended = whole.get(f"{PATH}/{made}")
    assert (ended["state"], ended["end_time"]) == ("expired", ended["updated_time"])
    problem = whole.ask("DELETE", f"{PATH}/{made}", 409)
    assert problem["detail"] == f"silence {made} already expired"


def test_a_change_keeps_the_silence_where_the_past_stays_true(whole: Whole) -> None:
    made = create(whole)
    whole.clock.advance(60)
    path = f"{PATH}/{made['id']}"
    longer = whole.ask("PUT", path, json=draft(duration="3h", comment="still"))
    assert (longer["id"], longer["start_time"], longer["end_time"], longer["comment"]) == (
        made["id"],
        made["start_time"],
        at(whole, 3 * 3_600),
        "still",
    )
    other = whole.ask("PUT", path, json=draft(matchers=["service_name=cart"]))
    assert other["id"] != made["id"]
    assert whole.get(path)["state"] == "expired"


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"comment": ""}, "comment"),
        ({"created_by": None}, "created_by"),
        ({"matchers": []}, "matchers"),
        ({"matchers": ["{a"]}, "matchers: "),
        ({"matchers": ["a=~("]}, "matchers: "),
        ({"matchers": [{"name": "a", "operator": "=~", "value": "("}]}, "matchers: "),
        ({"matchers": ["a=~.*"]}, "must not match the empty string"),
        ({"duration": None}, "end_time and duration"),
        ({"end_time": "now+1h"}, "end_time and duration"),
        ({"duration": "soon"}, "duration: "),
        ({"duration": None, "end_time": "now-1h"}, "end time must not be before start time"),
        ({"start_time": "soon"}, "start_time: "),
        ({"until": "now"}, "until"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_silence_is_refused(empty: Whole, changed: dict[str, Any], says: str) -> None:
    assert says in empty.ask("POST", PATH, 400, json=draft(**changed))["detail"]
    assert empty.get(PATH) == {"silences": []}


def test_the_content_type_does_not_matter(whole: Whole) -> None:
    forms = {"Content-Type": "application/x-www-form-urlencoded"}
    whole.ask("POST", PATH, 201, content=json.dumps(draft()), headers=forms)
    assert "JSON" in whole.ask("POST", PATH, 400, content="matchers=x")["detail"]


def test_unknown_ones_are_not_found(empty: Whole) -> None:
    for method in ("GET", "DELETE"):
        empty.ask(method, f"{PATH}/x", 404)
    empty.ask("PUT", f"{PATH}/x", 404, json=draft())
