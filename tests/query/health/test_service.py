"""The health of a service over HTTP, as time goes on: half of it in files, half of it hot."""

from pathlib import Path
from typing import Any

import pytest
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

HOUR_NS = 60 * MINUTE_NS


class Life:
    """A service that gets two requests a minute, unless it is said otherwise."""

    def __init__(self, whole: Backend, service: str = "checkout") -> None:
        self.whole = whole
        self.service = service
        self._flushes = 0

    def lives(self, minutes: int, errors: int = 0, ms: int = 20, requests: int = 2) -> None:
        """Time goes on; the first `errors` of each minute's requests fail."""
        now_ns = self.whole.clock.now_ns()
        self.whole.send(
            spans_request(
                [
                    span(now_ns + minute * MINUTE_NS, ms * MS, error=n < errors)
                    for minute in range(minutes)
                    for n in range(requests)
                ],
                self.service,
            )
        )
        self._flushes += 1
        if self._flushes % 2:
            self.whole.flush()
        self.passes(minutes)

    def passes(self, minutes: int) -> None:
        """Nothing comes."""
        self.whole.clock.advance(60 * minutes)

    def health(self) -> dict[str, Any]:
        found = self.whole.get(f"/api/v1/services/{self.service}/health")
        assert isinstance(found, dict)
        return found

    def state(self) -> tuple[str, list[str]]:
        found = self.health()
        return found["state"], [one["rule"] for one in found["reasons"]]


def test_from_healthy_to_silent_and_back(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        life = Life(whole)
        life.lives(70)
        assert life.state() == ("healthy", [])
        life.lives(10, ms=60)
        assert life.state() == ("degraded", ["p95_grown"])
        life.lives(11)
        assert life.state() == ("healthy", [])
        # Of 22 requests one a minute fails, from 11 minutes ago on.
        life.lives(11, errors=1)
        state, rules = life.state()
        assert (state, rules) == ("unhealthy", ["errors", "errors_grown"])
        life.lives(11)
        assert life.state() == ("healthy", [])
        life.passes(10)
        assert life.state() == ("healthy", [])
        life.whole.clock.advance(1)
        assert life.state() == ("silent", ["silence"])
        life.passes(60 * 24)
        assert life.state() == ("silent", ["silence"])
        life.lives(1)
        assert life.state() == ("healthy", [])


def test_compared_with_the_day_before_where_that_had_requests(tmp_path: Path) -> None:
    """It is slow at this time of the day, so it is no worse than it was."""
    with backend(tmp_path) as whole:
        life = Life(whole)
        life.lives(15, ms=100)
        life.lives(22 * 60, requests=1)
        life.lives(105)
        assert life.state() == ("healthy", [])
        life.lives(14, ms=100)
        assert life.state() == ("healthy", [])
        found = life.health()
        assert found["p95_ns"] == pytest.approx(100 * MS, rel=0.011)
        life.lives(11, ms=100)
        assert life.state() == ("degraded", ["p95_grown"])
        (reason,) = life.health()["reasons"]
        assert reason["past"] == pytest.approx(20 * MS, rel=0.011)


def test_history_and_uptime_of_a_day(tmp_path: Path) -> None:
    """26 hours: all well, but for 30 minutes of failures, an outage of 2 hours, a slow hour."""
    with backend(tmp_path) as whole:
        life = Life(whole)
        life.lives(60)
        assert [one["state"] for one in life.health()["history"]] == [None] * 22 + ["healthy", None]
        assert life.health()["uptime"] == 1
        life.lives(5 * 60)
        life.lives(30, errors=6, requests=20)
        life.lives(150, requests=5)
        life.passes(120)
        life.lives(60)
        life.lives(60, ms=60)
        life.lives(13 * 60 + 30)
        found = life.health()
    assert len(found["history"]) == 24
    states = {one["time"][11:13]: one["state"] for one in found["history"]}
    assert found["end"] == "2026-01-02T02:31:00.000000000Z"
    expected = dict.fromkeys(states, "healthy")
    expected |= {"06": "unhealthy", "09": "silent", "10": "silent", "12": "degraded"}
    assert states == expected
    by_hour = {one["time"][11:13]: one["uptime"] for one in found["history"]}
    assert by_hour["05"] == 1
    # From 06:00 on half an hour of failures; silent from 09:10 to 11:00.
    assert by_hour["06"] == 0.5
    assert by_hour["09"] == pytest.approx(10 / 60)
    assert by_hour["10"] == 0
    # From 03:00 of the first day on.
    minutes = 23 * 60 + 30
    assert found["uptime"] == pytest.approx(1 - (30 + 110) / minutes)


def test_all_that_an_answer_says(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        Life(whole, "cart").lives(2)
        life = Life(whole)
        life.lives(30)
        found = life.health()
        assert found["service_name"] == "checkout"
        assert (found["request_count"], found["error_ratio"]) == (20, 0)
        assert found["first_seen"] == "2026-01-01T00:02:00.000000000Z"
        assert found["last_seen"] == "2026-01-01T00:31:00.000000000Z"
        assert found["silence"] == {"expected_silence_s": 600, "source": "derived"}
        assert found["thresholds"]["unhealthy_error_ratio"] == 0.1
        assert (found["start"], found["end"]) == (
            "2026-01-01T00:22:00.000000000Z",
            "2026-01-01T00:33:00.000000000Z",
        )
        assert "probe" not in str(found)


def test_spans_that_are_no_requests_are_a_sign_of_life(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        inner = span(START_NS - 5 * MINUTE_NS, kind="internal", root=False)
        whole.send(spans_request([inner], "worker"))
        found = whole.get("/api/v1/services/worker/health")
        assert (found["state"], found["request_count"]) == ("healthy", 0)
        assert found["error_ratio"] is None
        assert found["uptime"] == 1


def test_a_service_that_never_was_is_no_silent_one(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        path = "/api/v1/services/checkuot/health"
        whole.problem(path, status=404)
        Life(whole).lives(1)
        assert "checkout" in whole.problem(path, status=404)
        assert "hours" in whole.problem("/api/v1/services/checkout/health", {"hours": "3"})


def test_a_service_may_have_a_slash_in_its_name(tmp_path: Path) -> None:
    with backend(tmp_path) as whole:
        Life(whole, "shop/checkout").lives(1)
        found = whole.get("/api/v1/services/shop%2Fcheckout/health")
        assert found["service_name"] == "shop/checkout"
