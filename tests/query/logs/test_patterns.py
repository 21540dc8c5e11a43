"""Patterns of log records over HTTP, half of them in files and half not."""

from collections.abc import Iterator

import pytest
from support.backend import Backend, backend
from support.log_records import logs_request, record

from query.logs import patterns as mining

PATH = "/api/v1/logs/patterns"
RANGE = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T01:00:00Z"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    orders = [record(f"order {n} of customer-{n % 3}a accepted in {n}ms", n) for n in range(8)]
    refused = [
        record(f"connection to 10.0.0.{n}:5432 refused", 20 + n, 17 if n else 13) for n in range(3)
    ]
    with backend(tmp_path_factory.mktemp("data")) as whole:
        whole.send(logs_request([*orders[:4], refused[0]]))
        whole.flush()
        whole.send(logs_request(orders[4:]), logs_request(refused[1:], service="cart"))
        whole.send(logs_request([record("unlike all", 50), record("order 1 lost", 7_200)]))
        yield whole


def test_lines_of_one_kind_are_one_pattern(shop: Backend) -> None:
    answer = shop.get(PATH, RANGE)
    counts = {one["pattern"]: one["count"] for one in answer["patterns"]}
    assert counts == {
        "order <num> of customer-<num>a accepted in <num>ms": 8,
        "connection to <ip> refused": 3,
        "unlike all": 1,
    }
    assert list(counts.values()) == [8, 3, 1]
    assert (answer["record_count"], answer["sampled_count"], answer["pattern_count"]) == (12, 12, 3)


def test_a_pattern_says_when_where_and_what(shop: Backend) -> None:
    (pattern,) = shop.get(PATH, RANGE | {"query": "refused"})["patterns"]
    assert len(pattern.pop("id")) == 16
    assert sorted(pattern.pop("examples"))[-1] == "connection to 10.0.0.2:5432 refused"
    assert pattern == {
        "pattern": "connection to <ip> refused",
        "count": 3,
        "sampled_count": 3,
        "first_seen": "2026-01-01T00:00:20.000000000Z",
        "last_seen": "2026-01-01T00:00:22.000000000Z",
        "severities": {"error": 2, "warn": 1},
        "services": {"cart": 2, "shop": 1},
    }


def test_the_most_frequent_ones_are_shown(shop: Backend) -> None:
    answer = shop.get(PATH, RANGE | {"limit": 1})
    assert [one["count"] for one in answer["patterns"]] == [8]
    assert answer["pattern_count"] == 3


def test_counts_are_scaled_from_a_sample_and_it_is_stated(
    shop: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mining, "SAMPLE_RECORDS", 4)
    answer = shop.get(PATH, RANGE)
    assert answer == shop.get(PATH, RANGE)
    sampled = answer["sampled_count"]
    assert answer["record_count"] == 12
    assert 0 < sampled < 12
    assert sum(one["sampled_count"] for one in answer["patterns"]) == sampled
    for one in answer["patterns"]:
        assert one["count"] == round(one["sampled_count"] * 12 / sampled)


def test_no_records_have_no_patterns(shop: Backend) -> None:
    answer = shop.get(PATH, RANGE | {"query": "nothing"})
    assert (answer["record_count"], answer["sampled_count"], answer["patterns"]) == (0, 0, [])


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("at 2026-01-01T10:00:00.123Z done", "at <time> done"),
        ("2026-01-01 10:00:00,5 done", "<time> done"),
        ("id 123e4567-e89b-12d3-a456-426614174000.", "id <uuid>."),
        ("from 10.0.0.1:80, to 192.168.0.1", "from <ip>, to <ip>"),
        ("took 12.5ms of 3 GB, -7", "took <num>ms of <num> GB, -<num>"),
        ("ptr 0xdeadBEEF and 4bf92f3577b34da6", "ptr <hex> and <hex>"),
        ("v1 of http2 x86_64", "v1 of http2 x86_64"),
    ],
)
def test_what_varies_by_form_is_masked(
    shop: Backend, line: str, pattern: str, request: pytest.FixtureRequest
) -> None:
    service = request.node.name.replace("[", "").replace("]", "")
    shop.send(logs_request([record(line, 100)], service=service))
    answer = shop.get(PATH, RANGE | {"service": service})
    assert [one["pattern"] for one in answer["patterns"]] == [pattern]
