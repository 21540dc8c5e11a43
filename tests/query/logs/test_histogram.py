"""Counts of log records over time, half of them in files and half not."""

from collections.abc import Iterator
from typing import Any

import pytest
from support.backend import Backend, backend
from support.log_records import logs_request, record

PATH = "/api/v1/logs/histogram"
RANGE = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:03:00Z"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as whole:
        whole.send(logs_request([record("a", 0), record("b", 59.9, 17), record("a", 60, 18)]))
        whole.flush()
        whole.send(logs_request([record("x", 60, 0), record("WARN a", 61, 0), record("a", 180)]))
        whole.send(logs_request([record("a", -1), record("a", 179, 30)], service="cart"))
        yield whole


def counts(whole: Backend, **params: Any) -> list[dict[str, int]]:
    """The levels of each bucket that have records."""
    buckets = whole.get(PATH, RANGE | params)["buckets"]
    assert all(bucket["count"] == sum(bucket["severities"].values()) for bucket in buckets)
    return [{level: n for level, n in one["severities"].items() if n} for one in buckets]


def test_records_are_counted_by_step_and_level(shop: Backend) -> None:
    assert counts(shop, step="1m") == [
        {"info": 1, "error": 1},
        {"error": 1, "unspecified": 1, "warn": 1},
        {"fatal": 1},
    ]
    assert counts(shop, step="90s") == [
        {"info": 1, "error": 2, "unspecified": 1, "warn": 1},
        {"fatal": 1},
    ]


def test_only_those_that_match_are_counted(shop: Backend) -> None:
    assert counts(shop, step="60", query="a") == [
        {"info": 1},
        {"error": 1, "warn": 1},
        {"fatal": 1},
    ]
    assert counts(shop, step="60", service="cart") == [{}, {}, {"fatal": 1}]
    assert counts(shop, step="60", min_severity="error") == [
        {"error": 1},
        {"error": 1},
        {"fatal": 1},
    ]


def test_buckets_are_named_by_their_begin_at_multiples_of_the_step(shop: Backend) -> None:
    answer = shop.get(PATH, RANGE | {"start": "2026-01-01T00:00:30Z", "step": "1m"})
    assert (answer["start"], answer["end"], answer["step_s"]) == (
        "2026-01-01T00:00:30.000000000Z",
        "2026-01-01T00:03:00.000000000Z",
        60,
    )
    assert [(one["time"], one["count"]) for one in answer["buckets"]] == [
        ("2026-01-01T00:00:00.000000000Z", 1),
        ("2026-01-01T00:01:00.000000000Z", 3),
        ("2026-01-01T00:02:00.000000000Z", 1),
    ]


@pytest.mark.parametrize(
    ("hours", "step_s", "buckets"), [(1, 30, 120), (24, 1_800, 48), (24 * 365, 4 * 86_400, 92)]
)
def test_a_step_is_chosen_that_makes_a_hundred_buckets_or_so(
    shop: Backend, hours: int, step_s: int, buckets: int
) -> None:
    answer = shop.get(PATH, {"start": f"now-{hours}h"})
    assert (answer["step_s"], len(answer["buckets"])) == (step_s, buckets)


@pytest.mark.parametrize(
    ("params", "detail"),
    [
        ({"step": "1ms"}, "step: '1ms' is no duration"),
        ({"step": "0"}, "step: must be more than 0"),
        ({"step": "0.001"}, "step: 0.001 makes 180000 steps"),
        ({"query": "("}, "query: '(', character 2"),
        ({"end": "2025-01-01T00:00:00Z"}, "start: is not before end"),
        ({"limit": 3}, "query.limit: "),
    ],
)
def test_what_is_wrong_is_said(shop: Backend, params: dict[str, Any], detail: str) -> None:
    assert shop.problem(PATH, RANGE | params).startswith(detail)
