"""The history of alerts and notifications, of rows in files and rows in memory."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from support.alerting_api import Whole, alerting_api
from support.backend import Backend, backend

from goldeneye.alert_history import AlertHistory
from goldeneye.schemas import OwnTable, PromotedKeys, table

MINUTE_NS = 60_000_000_000
FIRED = ("inactive", "firing", "condition_met")
ENDED = ("firing", "resolved", "condition_ended")
AGAIN = ("resolved", "firing", "condition_met")
SEEN = ("firing", "firing", "acknowledged")


def append(whole: Backend, name: OwnTable, *rows: dict[str, Any]) -> None:
    schema = table(name, PromotedKeys({}, {}))
    whole.storage.append_rows({name: pa.RecordBatch.from_pylist(list(rows), schema=schema)})


def event(minute: float, alert_id: str, change: tuple[str, str, str], **more: Any) -> Any:
    before, after, reason = change
    labels = {"alertname": "Slow", "service_name": alert_id, "a.b": "$", "x": alert_id * 2}
    return {
        "time": START_NS + round(minute * MINUTE_NS),
        "rule": "Slow",
        "rule_group": "shop",
        "kind": "promql",
        "alert_id": alert_id,
        "labels": json.dumps(labels),
        "annotations": "{}",
        "service_name": alert_id,
        "severity": "page",
        "before": before,
        "after": after,
        "reason": reason,
        "value": 3.0,
        **more,
    }


def notification(minute: int, status: str, alert_id: str = "a") -> Any:
    return {
        "time": START_NS + minute * MINUTE_NS,
        "receiver": "team",
        "integration": "team/webhook/0",
        "group_key": "{}:{}",
        "group_labels": '{"alertname":"Slow"}',
        "status": status,
        "reason": "first notification",
        "alerts_firing": 1,
        "alerts_resolved": 0,
        "alert_ids": [alert_id],
        "attempts": 2,
        "duration_ns": 5,
        "http_status": 200,
        "error": None,
    }


START_NS = 1_767_225_600_000_000_000
FILED = [
    event(0, "a", FIRED),
    event(1, "a", SEEN, actor="ann", detail="on it"),
    event(2, "a", ("firing", "no_data", "data_missing")),
    event(3, "a", ("no_data", "firing", "data_is_back")),
    event(4, "a", ENDED),
    event(5, "b", ("inactive", "pending", "condition_met")),
    event(6, "b", ("pending", "firing", "held_long_enough")),
    event(7, "b", ENDED),
]
HOT = [
    event(10, "b", AGAIN),
    event(11, "b", ENDED),
    event(12, "b", AGAIN, value=float("nan")),
    event(12, "c", ("firing", "firing", "acknowledged"), rule="Disk", rule_group=None),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder: Path = tmp_path_factory.mktemp("history")
    (folder / "state").mkdir()
    with backend(folder) as stored:
        append(stored, "alert_events", *FILED)
        append(stored, "notifications", notification(0, "sent"), notification(1, "failed"))
        stored.flush()
        append(stored, "alert_events", *HOT)
        append(stored, "notifications", notification(2, "sent", "b"))
        with alerting_api(folder / "state", history=AlertHistory(stored.service)) as found:
            found.clock.advance(3_600)
            yield found


def told(whole: Whole, **params: Any) -> list[tuple[str, str, str]]:
    rows = whole.get("/api/v1/alerts", {"history": True, **params})["alerts"]
    return [(row["time"][14:19], row["alert_id"], row["state"]) for row in rows]


def test_the_newest_change_is_the_first(whole: Whole) -> None:
    assert told(whole, limit=4) == [
        ("12:00", "c", "firing"),
        ("12:00", "b", "firing"),
        ("11:00", "b", "resolved"),
        ("10:00", "b", "firing"),
    ]


def test_a_change_has_all_that_was_written(whole: Whole) -> None:
    (row,) = whole.get(
        "/api/v1/alerts",
        {
            "history": True,
            "alert_id": "a",
            "start": START_NS // 10**9 + 60,
            "end": START_NS // 10**9 + 61,
        },
    )["alerts"]
    assert row == {
        "time": "2026-01-01T00:01:00.000000000Z",
        "rule": "Slow",
        "rule_group": "shop",
        "kind": "promql",
        "alert_id": "a",
        "labels": {"alertname": "Slow", "service_name": "a", "a.b": "$", "x": "aa"},
        "annotations": {},
        "service_name": "a",
        "severity": "page",
        "before": "firing",
        "after": "firing",
        "state": "firing",
        "reason": "acknowledged",
        "value": 3.0,
        "detail": "on it",
        "actor": "ann",
    }
    # JSON has no NaN.
    assert (
        whole.get("/api/v1/alerts", {"start": "2026-01-01T00:12:00Z", "service": "b"})["alerts"][0][
            "value"
        ]
        == "NaN"
    )


def test_history_is_filtered(whole: Whole) -> None:
    assert told(whole, state="resolved") == [
        ("11:00", "b", "resolved"),
        ("07:00", "b", "resolved"),
        ("04:00", "a", "resolved"),
    ]
    assert told(whole, state=["pending", "no_data"]) == [
        ("05:00", "b", "pending"),
        ("02:00", "a", "no_data"),
    ]
    assert {one[1] for one in told(whole, rule="Slow")} == {"a", "b"}
    assert {one[1] for one in told(whole, rule_group="shop", severity="page")} == {"a", "b"}
    assert {one[1] for one in told(whole, service="c")} == {"c"}
    assert {one[1] for one in told(whole, filter=['x=~"a+"', '"a.b"="$"'])} == {"a"}
    assert {one[1] for one in told(whole, filter=["x!=aa", "y=", 'x!~"c."'])} == {"b"}
    assert len(told(whole, start="2026-01-01T00:05:00Z", end="2026-01-01T00:07:00Z")) == 2


def test_pages_of_history_follow_one_another(whole: Whole) -> None:
    found, params = [], {"history": True, "limit": 5}
    while True:
        page = whole.get("/api/v1/alerts", params)
        found.append([(one["time"], one["alert_id"]) for one in page["alerts"]])
        if "next_cursor" not in page:
            break
        params["cursor"] = page["next_cursor"]
    assert [len(one) for one in found] == [5, 5, 2]
    assert len({one for some in found for one in some}) == 12


def test_statistics_tell_what_became_of_each_firing(whole: Whole) -> None:
    answer = whole.get("/api/v1/alerts/statistics", {"start": "2026-01-01T00:00:00Z", "end": "now"})
    assert (answer["start"], answer["end"]) == (
        "2026-01-01T00:00:00.000000000Z",
        whole.at(3_600),
    )
    (slow,) = answer["statistics"]
    assert slow == {
        "rule": "Slow",
        "rule_group": "shop",
        "kind": "promql",
        "fired": 4,
        "alerts": 2,
        "acknowledged": 1,
        "resolved_by_itself": 2,
        "still_firing": 1,
        # b began or ceased five times; a twice, for the gap counts as neither.
        "flapped": 1,
        "mean_time_to_acknowledge_ns": float(MINUTE_NS),
        "mean_firing_duration_ns": 2.0 * MINUTE_NS,
        "last_fired_time": "2026-01-01T00:12:00.000000000Z",
    }


def test_statistics_of_a_range_count_what_began_in_it(whole: Whole) -> None:
    bounds = {"start": "2026-01-01T00:06:00Z", "end": "2026-01-01T00:07:00Z"}
    (slow,) = whole.get("/api/v1/alerts/statistics", bounds)["statistics"]
    # It ended after the range.
    assert (slow["fired"], slow["mean_firing_duration_ns"], slow["flapped"]) == (
        1,
        float(MINUTE_NS),
        0,
    )
    assert whole.get("/api/v1/alerts/statistics", bounds | {"rule": "Fast"})["statistics"] == []
    nobody = bounds | {"filter": "service_name=a"}
    assert whole.get("/api/v1/alerts/statistics", nobody)["statistics"] == []


def test_label_names_that_no_path_can_name_are_refused(whole: Whole) -> None:
    odd = {"history": True, "filter": r'"a\"b"="c"'}
    assert "is not searched" in whole.get("/api/v1/alerts", odd, 400)["detail"]


def test_notifications_newest_first(whole: Whole) -> None:
    newest = whole.get("/api/v1/notifications", {"limit": 1})
    assert newest["notifications"] == [
        {
            "time": "2026-01-01T00:02:00.000000000Z",
            "receiver": "team",
            "integration": "team/webhook/0",
            "group_key": "{}:{}",
            "group_labels": {"alertname": "Slow"},
            "status": "sent",
            "reason": "first notification",
            "alerts_firing": 1,
            "alerts_resolved": 0,
            "alert_ids": ["b"],
            "attempts": 2,
            "duration_ns": 5,
            "http_status": 200,
            "error": None,
        }
    ]
    rest = whole.get("/api/v1/notifications", {"limit": 1000, "cursor": newest["next_cursor"]})
    assert [one["status"] for one in rest["notifications"]] == ["failed", "sent"]


def test_notifications_are_filtered(whole: Whole) -> None:
    def minutes(**params: str) -> list[str]:
        rows = whole.get("/api/v1/notifications", params)["notifications"]
        return [row["time"][14:16] for row in rows]

    assert minutes(status="failed") == ["01"]
    assert minutes(alert_id="a") == ["01", "00"]
    assert minutes(receiver="team", integration="team/webhook/0") == ["02", "01", "00"]
    assert minutes(receiver="other") == minutes(integration="team/email/0") == []
    assert minutes(start="2026-01-01T00:01:00Z", end="2026-01-01T00:02:00Z") == ["01"]
