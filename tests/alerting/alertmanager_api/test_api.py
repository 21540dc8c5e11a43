"""Alertmanager's API, byte by byte as its clients read it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.alerting_api import Whole, alerting_api
from support.http_receiver import http_receiver

from alerting.labels import fingerprint

BASE = "/alertmanager/api/v2"
ROUTING = """
route:
  receiver: team
  group_by: [alertname]
  group_wait: 5s
  routes:
    - receiver: night
      matchers: [service=~"d.*"]
      continue: true
      mute_time_intervals: [always]
    - receiver: databases
      matchers: [service=db]
receivers:
  - name: team
    slack_configs: [{api_url: "http://127.0.0.1:1/secret", channel: "#x"}]
  - name: night
  - name: databases
inhibit_rules:
  - source_matchers: [alertname=Down]
    target_matchers: [alertname=Slow]
time_intervals:
  - name: always
    time_intervals: [{months: ["1:12"]}]
"""
DISK = {"alertname": "Disk", "service": "db"}
SLOW = {"alertname": "Slow", "service": "web"}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    with alerting_api(tmp_path, alertmanager=ROUTING) as found:
        yield found


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("empty")
    with alerting_api(folder, alertmanager=ROUTING) as found:
        yield found


def post(whole: Whole, *alerts: dict[str, Any], status: int = 200) -> Any:
    return whole.ask("POST", f"{BASE}/alerts", status, json=list(alerts))


def milliseconds(whole: Whole, seconds: float) -> str:
    return whole.at(seconds)[:23] + "Z"


def silence(whole: Whole, **changed: Any) -> dict[str, Any]:
    return {
        "matchers": [{"name": "service", "value": "db", "isRegex": False, "isEqual": True}],
        "startsAt": whole.at(0),
        "endsAt": whole.at(3_600),
        "createdBy": "ann",
        "comment": "known",
        **changed,
    }


def test_status(whole: Whole) -> None:
    found = whole.get(f"{BASE}/status")
    assert found["cluster"] == {"status": "disabled", "peers": []}
    assert found["versionInfo"]["version"] == "0.28.1"
    assert found["uptime"].endswith("Z")
    assert "receiver: team" in found["config"]["original"]
    assert "/secret" not in found["config"]["original"]


def test_receivers(whole: Whole) -> None:
    names = [{"name": "team"}, {"name": "night"}, {"name": "databases"}]
    assert whole.get(f"{BASE}/receivers") == names
    assert whole.get(f"{BASE}/receivers", {"receiver_matchers": "owner=x"}) == []


def test_an_alert_of_others_is_listed(whole: Whole) -> None:
    post(
        whole,
        {
            "labels": {**DISK, "empty": ""},
            "annotations": {"summary": "full"},
            "generatorURL": "http://prometheus.example/graph",
        },
    )
    response = whole.client.get(f"{BASE}/alerts")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json() == [
        {
            "annotations": {"summary": "full"},
            "endsAt": milliseconds(whole, 300),
            "fingerprint": fingerprint(DISK),
            "receivers": [{"name": "night"}, {"name": "databases"}],
            "startsAt": milliseconds(whole, 0),
            "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
            "updatedAt": milliseconds(whole, 0),
            "generatorURL": "http://prometheus.example/graph",
            "labels": DISK,
        }
    ]
    # Nobody reports it again.
    whole.step(301)
    assert whole.get(f"{BASE}/alerts") == []


def test_alerts_of_others_outlast_a_restart(tmp_path: Path) -> None:
    with alerting_api(tmp_path) as whole:
        post(whole, {"labels": DISK, "startsAt": whole.at(-60), "endsAt": whole.at(600)})
        before = whole.get(f"{BASE}/alerts")
    with alerting_api(tmp_path, after=whole) as whole:
        assert whole.get(f"{BASE}/alerts") == before
        assert before[0]["endsAt"] == milliseconds(whole, 600)
        # Go writes times that are not set.
        post(whole, {"labels": DISK, "startsAt": "0001-01-01T00:00:00.000Z", "endsAt": whole.at(0)})
        assert whole.get(f"{BASE}/alerts") == []


def test_rules_alerts_are_listed_too(whole: Whole) -> None:
    whole.slow("shop")
    (alert,) = whole.get(f"{BASE}/alerts")
    assert alert["labels"]["region"] == "eu"
    assert alert["fingerprint"] == whole.alerts()[0]["alert_id"]


def test_muted_alerts_say_by_whom_and_can_be_left_out(whole: Whole) -> None:
    down = {"alertname": "Down"}
    post(whole, {"labels": DISK}, {"labels": SLOW}, {"labels": down})
    made = whole.ask("POST", f"{BASE}/silences", json=silence(whole))["silenceID"]

    def names(**params: Any) -> list[str]:
        found = whole.get(f"{BASE}/alerts", params)
        return sorted(one["labels"]["alertname"] for one in found)

    standing = {one["labels"]["alertname"]: one["status"] for one in whole.get(f"{BASE}/alerts")}
    assert standing["Disk"]["silencedBy"] == [made]
    assert standing["Slow"]["inhibitedBy"] == [fingerprint(down)]
    assert [standing[name]["state"] for name in ("Disk", "Slow", "Down")] == [
        "suppressed",
        "suppressed",
        "active",
    ]
    assert names() == ["Disk", "Down", "Slow"]
    assert names(silenced="false") == ["Down", "Slow"]
    assert names(inhibited="false") == ["Disk", "Down"]
    assert names(active="false") == ["Disk", "Slow"]
    assert names(filter=['service!="db"', "alertname=~D.*"]) == ["Down"]
    assert names(receiver="data.*") == ["Disk"]
    assert names(receiver="data") == []
    assert names(unknown="x", unprocessed="false") == ["Disk", "Down", "Slow"]


def test_groups(whole: Whole) -> None:
    post(whole, {"labels": DISK}, {"labels": SLOW}, {"labels": {**SLOW, "job": "a"}})
    found = whole.get(f"{BASE}/alerts/groups")
    assert [(one["labels"], one["receiver"]["name"], len(one["alerts"])) for one in found] == [
        ({"alertname": "Disk"}, "databases", 1),
        ({"alertname": "Disk"}, "night", 1),
        ({"alertname": "Slow"}, "team", 2),
    ]
    databases, night, team = found
    assert databases["routeLabels"] == {}
    assert databases["alerts"][0]["receivers"] == [{"name": "databases"}, {"name": "night"}]
    assert databases["alerts"][0]["status"]["state"] == "active"
    assert night["alerts"][0]["status"] == {
        "inhibitedBy": [],
        "mutedBy": ["always"],
        "silencedBy": [],
        "state": "suppressed",
    }
    assert [one["labels"].get("job") for one in team["alerts"]] == [None, "a"]
    assert len(whole.get(f"{BASE}/alerts/groups", {"muted": "false"})) == 2
    assert len(whole.get(f"{BASE}/alerts/groups", {"receiver": "team|night"})) == 2
    assert len(whole.get(f"{BASE}/alerts/groups", {"filter": "job=a"})) == 1


def test_what_others_report_is_told(tmp_path: Path) -> None:
    with http_receiver() as hook:
        routing = f"""
route: {{receiver: hook, group_wait: 5s}}
receivers: [{{name: hook, webhook_configs: [{{url: "{hook.url}"}}]}}]
"""
        with alerting_api(tmp_path, alertmanager=routing) as whole:
            post(whole, {"labels": DISK})
            whole.step(6)
            assert [one.json["alerts"][0]["labels"] for one in hook.requests] == [DISK]


def test_a_silence_lives(whole: Whole) -> None:
    noted = silence(whole, annotations={"ticket": "7"})
    made = whole.ask("POST", f"{BASE}/silences", json=noted)["silenceID"]
    shown = whole.get(f"{BASE}/silence/{made}")
    assert shown == {
        "id": made,
        "status": {"state": "active"},
        "updatedAt": milliseconds(whole, 0),
        "annotations": {"ticket": "7"},
        "comment": "known",
        "createdBy": "ann",
        "endsAt": milliseconds(whole, 3_600),
        "matchers": [{"isEqual": True, "isRegex": False, "name": "service", "value": "db"}],
        "startsAt": milliseconds(whole, 0),
    }
    # As amtool's update does it: what it read, in milliseconds, with another end.
    longer = {**shown, "endsAt": whole.at(7_200)}
    assert whole.ask("POST", f"{BASE}/silences", json=longer) == {"silenceID": made}
    pending = silence(
        whole,
        startsAt=whole.at(60),
        matchers=[
            {"name": "a", "value": "b.*", "isRegex": True, "isEqual": False},
            {"name": "c", "value": "d", "isRegex": False},
        ],
    )
    later = whole.ask("POST", f"{BASE}/silences", json=pending)["silenceID"]
    assert [one["id"] for one in whole.get(f"{BASE}/silences")] == [made, later]
    assert whole.get(f"{BASE}/silences")[1]["matchers"][0]["isEqual"] is False
    assert [o["id"] for o in whole.get(f"{BASE}/silences", {"filter": "service=db"})] == [made]
    assert [o["id"] for o in whole.get(f"{BASE}/silences", {"active": "false"})] == [later]
    assert whole.client.delete(f"{BASE}/silence/{made}").content == b""
    assert whole.get(f"{BASE}/silence/{made}")["status"] == {"state": "expired"}
    problem = whole.client.delete(f"{BASE}/silence/{made}")
    assert (problem.status_code, problem.json()) == (500, f"silence {made} already expired")


NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "answer"),
    [
        ("GET", "alerts?filter=%7Ba", None, 400, "unexpected open or close brace: {a"),
        ("GET", "alerts?receiver=(", None, 400, None),
        (
            "GET",
            "alerts?active=maybe",
            None,
            422,
            {"code": 601, "message": 'active in query must be of type bool: "maybe"'},
        ),
        ("GET", "silences?filter=x", None, 400, None),
        (
            "GET",
            "silence/x",
            None,
            422,
            {"code": 601, "message": 'silenceID in path must be of type uuid: "x"'},
        ),
        ("POST", "alerts", [{}], 422, {"code": 602, "message": "0.labels in body is required"}),
        ("POST", "alerts", {}, 400, None),
        ("POST", "alerts", [{"labels": {"a": 1}}], 400, None),
        ("POST", "alerts", [{"labels": {"a": "\ud800"}}], 400, None),
        ("POST", "alerts", [{"labels": {}}], 400, "at least one label pair required"),
        ("POST", "alerts", [{"labels": {"a": "b"}, "startsAt": "now"}], 400, None),
        (
            "POST",
            "alerts",
            [
                {
                    "labels": {"a": "b"},
                    "startsAt": "2026-01-02T00:00:00Z",
                    "endsAt": "2026-01-01T00:00:00Z",
                }
            ],
            400,
            "start time must be before end time",
        ),
        (
            "POST",
            "silences",
            {"matchers": []},
            422,
            {"code": 611, "message": "matchers in body should have at least 1 items"},
        ),
        (
            "POST",
            "silences",
            {"matchers": [{"name": "a"}]},
            422,
            {"code": 602, "message": "matchers.0.value in body is required"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_errors(empty: Whole, method: str, path: str, body: Any, status: int, answer: Any) -> None:
    content = None if body is None else json.dumps(body)
    found = empty.client.request(method, f"{BASE}/{path}", content=content)
    assert found.status_code == status, found.text
    if answer is not None:
        assert found.json() == answer
    elif status == 400:
        said = found.json()
        assert isinstance(said, str) or said["code"] == 400


@pytest.mark.parametrize(
    ("changed", "status", "says"),
    [
        ({"comment": None}, 422, "comment in body is required"),
        ({"startsAt": None}, 422, "startsAt in body is required"),
        ({"endsAt": "2025-01-01T00:00:00Z"}, 400, "start time must be before end time"),
        (
            {"startsAt": "2025-01-01T00:00:00Z", "endsAt": "2025-01-02T00:00:00Z"},
            400,
            "Failed to create silence: end time can't be in the past",
        ),
        (
            {"matchers": [{"name": "a", "value": "(", "isRegex": True}]},
            400,
            "invalid silence: invalid label matcher",
        ),
        (
            {"matchers": [{"name": "a", "value": "", "isRegex": False}]},
            400,
            "at least one matcher must not match the empty string",
        ),
        ({"id": NOBODY}, 404, f"silence {NOBODY} not found"),
    ],
    ids=["comment", "start", "end", "past", "regex", "empty", "unknown"],
)
def test_silences_that_are_refused(
    empty: Whole, changed: dict[str, Any], status: int, says: str
) -> None:
    body = silence(empty, **changed)
    assert says in str(empty.ask("POST", f"{BASE}/silences", status, json=body))
    assert empty.get(f"{BASE}/silences") == []


def test_unknown_silences_are_not_found_without_a_word(empty: Whole) -> None:
    for method in ("GET", "DELETE"):
        response = empty.client.request(method, f"{BASE}/silence/{NOBODY}")
        assert (response.status_code, response.content) == (404, b"")


def test_valid_alerts_are_taken_beside_bad_ones(whole: Whole) -> None:
    assert post(whole, {"labels": {}}, {"labels": DISK}, status=400)
    assert len(whole.get(f"{BASE}/alerts")) == 1
