"""Searching log records over HTTP, half of them in files and half not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.backend import Backend, backend
from support.log_records import logs_request, record

PATH = "/api/v1/logs"
# Bodies by second; those before the middle are in a file.
SHOP = [
    record("order 17 accepted", 0, 9, "INFO", trace=1, user__id="ada", count=3),
    record("Payment TIMEOUT after 250 ms", 1, 17, "ERROR", trace=1, user__id="bob", count=10),
    record("retrying payment", 2, 13, "WARN", user__id="ada"),
    record("plain text says nothing", 3, 0, ""),
    record("level=warn disk is slow", 4, 0, ""),
    record("order 18 accepted", 5, 9, "INFO", trace=2),
    record("payment timeouts: 3", 6, 0, "Warning"),
    record("[error] no answer from 10.0.0.7:5432", 7, 0, ""),
    record(None, 8, 9, "INFO", event="x"),
]
CART = [record("order 17 in the cart", 4.5, 21, "FATAL", trace=1)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("data")) as whole:
        whole.send(logs_request(SHOP[:4], deployment__environment__name="production"))
        whole.flush()
        whole.send(logs_request(SHOP[4:], deployment__environment__name="staging"))
        whole.send(logs_request(CART, service="cart"))
        yield whole


def found(whole: Backend, **params: Any) -> list[Any]:
    """The seconds of the records, as answered."""
    logs = whole.get(PATH, params)["logs"]
    return [float(log["time"][17:-1]) for log in logs]


def test_without_a_query_all_records_come_newest_first(shop: Backend) -> None:
    assert found(shop) == [8, 7, 6, 5, 4.5, 4, 3, 2, 1, 0]
    assert found(shop, order="oldest") == [0, 1, 2, 3, 4, 4.5, 5, 6, 7, 8]
    assert found(shop, order="asc", limit=2) == [0, 1]
    assert found(shop, order="desc", limit=2) == [8, 7]


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("timeout", [6, 1]),
        ("payment timeout", [6, 1]),
        ("payment AND timeout", [6, 1]),
        ('"payment timeout"', [6, 1]),
        ('"order 17"', [4.5, 0]),
        ("order -17", [5]),
        ("order NOT accepted", [4.5]),
        ("-order -payment", [8, 7, 4, 3]),
        ("cart OR retrying", [4.5, 2]),
        ("(cart OR accepted) 17", [4.5, 0]),
        ("-(cart OR accepted) severity>=info", [8, 7, 6, 4, 2, 1]),
        ("/after \\d+ ms$/", [1]),
        ("/PAYMENT/", []),
        ("/(?i)PAYMENT T/", [6, 1]),
        ("user.id:ada", [2, 0]),
        ("attributes.user.id:ada", [2, 0]),
        ("user.id:/^b/", [1]),
        ("user.id:*", [2, 1, 0]),
        ("-user.id:* severity:warn", [6, 4]),
        ("count>3", [1]),
        ("count>=3 count<10", [0]),
        ("deployment.environment.name:staging order", [5]),
        ("resource_attributes.deployment.environment.name:production", [3, 2, 1, 0]),
        ("service:cart", [4.5]),
        ("service:/^(cart|x)$/", [4.5]),
        ("severity:info", [8, 5, 0]),
        ("severity>=error", [7, 4.5, 1]),
        ("severity>warn", [7, 4.5, 1]),
        ("severity<warn", [8, 5, 0]),
        ("severity<=13", [8, 6, 5, 4, 2, 0]),
        ("-severity>=trace", [3]),
        (f"trace_id:{'01' * 16}", [4.5, 1, 0]),
        (f"trace_id:{'AA' * 16} OR span_id:{'02' * 8}", [5]),
        ("trace_id:*", [5, 4.5, 1, 0]),
        ("10.0.0.7:5432", [7]),
        ("100%", []),
        ("a_c", []),
    ],
)
def test_a_query_finds_what_it_says(shop: Backend, query: str, seconds: list[float]) -> None:
    assert found(shop, query=query) == seconds


@pytest.mark.parametrize(
    ("params", "seconds"),
    [
        ({"case": "sensitive", "query": "timeout"}, [6]),
        ({"case": "sensitive", "query": "TIMEOUT"}, [1]),
        ({"service": "cart"}, [4.5]),
        ({"service": "nothing"}, []),
        ({"min_severity": "warn"}, [7, 6, 4.5, 4, 2, 1]),
        ({"min_severity": "21"}, [4.5]),
        ({"trace_id": "01" * 16}, [4.5, 1, 0]),
        ({"trace_id": "01" * 16, "service": "shop"}, [1, 0]),
        ({"span_id": "02" * 8}, [5]),
        ({"attribute": ["user.id=ada", "count exists"]}, [0]),
        ({"start": "2026-01-01T00:00:05Z"}, [8, 7, 6, 5]),
        ({"end": "2026-01-01T00:00:01Z"}, [0]),
        ({"start": "2026-01-01T00:00:03Z", "end": "2026-01-01T00:00:05Z"}, [4.5, 4, 3]),
    ],
)
def test_parameters_narrow_a_search(
    shop: Backend, params: dict[str, Any], seconds: list[float]
) -> None:
    assert found(shop, **params) == seconds


def test_a_record_is_shown_whole(shop: Backend) -> None:
    (log,) = shop.get(PATH, {"query": "TIMEOUT after"})["logs"]
    received = log.pop("received_time")
    assert received == "2026-01-01T00:00:00.000000000Z"
    assert log == {
        "time": "2026-01-01T00:00:01.000000000Z",
        "observed_time": None,
        "severity_number": 17,
        "severity_text": "ERROR",
        "severity": "error",
        "severity_derived": False,
        "body": "Payment TIMEOUT after 250 ms",
        "body_text": "Payment TIMEOUT after 250 ms",
        "attributes": {"user.id": "bob", "count": 10},
        "resource_attributes": {
            "service.name": "shop",
            "deployment.environment.name": "production",
        },
        "dropped_attributes_count": 0,
        "service_name": "shop",
        "scope_name": None,
        "scope_version": None,
        "trace_id": "01" * 16,
        "span_id": "01" * 8,
        "flags": 0,
        "event_name": None,
    }


def test_a_level_that_was_not_sent_is_derived_and_what_was_sent_stays(shop: Backend) -> None:
    logs = shop.get(PATH, {"order": "oldest"})["logs"]
    shown = [
        (log["severity_number"], log["severity"])
        for log in logs
        if log["severity_derived"] or log["severity"] == "unspecified"
    ]
    assert shown == [(0, "unspecified"), (0, "warn"), (0, "warn"), (0, "error")]


@pytest.mark.parametrize("limit", [1, 3, 4, 100])
@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_pages_have_each_record_once_whatever_comes_and_moves_meanwhile(
    tmp_path: Path, order: str, limit: int
) -> None:
    """Five equal instants, of which some records are equal in all."""
    bodies = ["a", "b", "b", "b", "c", "d"]
    with backend(tmp_path) as whole:
        for second in range(2):
            records = [record(body, second, user__id=body, n=1) for body in bodies]
            whole.send(logs_request(records))
        asked: dict[str, Any] = {"order": order, "limit": limit}
        pages = [whole.get(PATH, asked)]
        while "next_cursor" in pages[-1]:
            if len(pages) == 1:
                whole.flush()
            beyond = 5 if order == "newest" else -5
            whole.send(logs_request([record("meanwhile", beyond)]))
            pages.append(whole.get(PATH, {**asked, "cursor": pages[-1]["next_cursor"]}))
        assert all(len(page["logs"]) == limit for page in pages[:-1])
        times_and_bodies = [(log["time"], log["body"]) for page in pages for log in page["logs"]]
        seconds = ("2026-01-01T00:00:00.000000000Z", "2026-01-01T00:00:01.000000000Z")
        expected = [(second, body) for second in seconds for body in bodies]
        assert sorted(times_and_bodies) == expected
        assert [time for time, _ in times_and_bodies] == sorted(
            (time for time, _ in expected), reverse=order == "newest"
        )


@pytest.mark.parametrize(
    ("params", "detail"),
    [
        ({"query": '"open'}, "query: '\"open', character 1: this quote is not closed"),
        ({"query": "a (b OR c"}, "query: 'a (b OR c', character 3: this parenthesis is not closed"),
        ({"query": "a)"}, "query: 'a)', character 2: nothing was opened that this closes"),
        ({"query": "a /(/"}, "query: 'a /(/', character 3: this regular expression is broken: "),
        ({"query": "/api/v1"}, "query: '/api/v1', character 6: a regular expression ends here"),
        ({"query": "severity>=loud"}, "query: 'severity>=loud', character 11: 'loud' is no level"),
        ({"query": "x trace_id:12"}, "query: 'x trace_id:12', character 12: trace_id: '12' is not"),
        ({"query": "user.id:"}, "query: 'user.id:', character 9: a value is expected"),
        ({"query": "a OR"}, "query: 'a OR', character 5: a word"),
        ({"query": "-"}, "query: '-', character 2: a word"),
        ({"query": "service>a"}, "query: 'service>a', character 8: service_name is compared by :"),
        ({"query": '""'}, "query: '\"\"', character 1: an empty phrase is in every record"),
        ({"trace_id": "12"}, "trace_id: '12' is not 32 hexadecimal digits"),
        ({"span_id": "x" * 16}, f"span_id: '{'x' * 16}' is not 16 hexadecimal digits"),
        ({"min_severity": "loud"}, "min_severity: 'loud' is no level"),
        ({"attribute": "user.id"}, "attribute: 'user.id', character 8: an operator is expected"),
        ({"start": "now", "end": "now-1h"}, "start: is not before end"),
        ({"order": "best"}, "query.order: "),
        ({"limit": 0}, "query.limit: "),
        ({"colour": "red"}, "query.colour: "),
        ({"cursor": "x"}, "cursor: is none that was given out here"),
    ],
)
def test_what_is_wrong_is_said(shop: Backend, params: dict[str, Any], detail: str) -> None:
    assert shop.problem(PATH, params).startswith(detail)


def test_a_cursor_belongs_to_its_search(shop: Backend) -> None:
    cursor = shop.get(PATH, {"limit": 2})["next_cursor"]
    detail = shop.problem(PATH, {"limit": 2, "query": "order", "cursor": cursor})
    assert detail == "cursor: belongs to a list that was asked for by other parameters"
    assert found(shop, limit=3, cursor=cursor) == [6, 5, 4.5]
