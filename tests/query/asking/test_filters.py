"""Filters of attributes: what they parse to, what they match, and how broken ones are refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from support.backend import Backend, add_attributes, backend, spans_request
from support.fake_decoder import START_NS

from goldeneye.errors import InvalidRequest
from query.asking.filter_sql import condition
from query.asking.filters import Filter, parse_filter
from query.asking.reader import Reader

ATTRIBUTES: list[dict[str, Any]] = [
    {"http.route": "/cart", "http.response.status_code": 200, "size": 3.0, "odd key=": "x"},
    {
        "http.route": "/pay",
        "http.response.status_code": 503,
        "size": 10,
        "host.name": "own",
        "owner": "me",
    },
    {
        "http.route": "/pay/1",
        "http.response.status_code": 99,
        "size": "9",
        "order.id": 9007199254740992,
    },
    {},
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Spans named by their place in ATTRIBUTES, half of them in a file."""
    with backend(tmp_path_factory.mktemp("data")) as whole:
        for index in range(len(ATTRIBUTES)):
            _send(whole, index)
            if index == 1:
                whole.flush()
        yield Reader(whole.service)


def _send(whole: Backend, index: int) -> None:
    span = Span(trace_id=bytes([1] * 16), span_id=bytes([index + 1] * 8), name=str(index))
    span.start_time_unix_nano = span.end_time_unix_nano = START_NS
    add_attributes(span.attributes, ATTRIBUTES[index])
    whole.send(spans_request([span], host__name="node", owner="team", service__version="1.2"))


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("http.route=/pay", "1"),
        ("http.route!=/pay", "02"),
        ("http.route~^/pay", "12"),
        ("http.route!~^/pay", "0"),
        ("http.route exists", "012"),
        ("http.route !exists", "3"),
        ("http.response.status_code>=200", "01"),
        ("http.response.status_code < 1e2", "2"),
        ("size>9", "1"),
        ("size>=9", "12"),
        ("size=3", "0"),
        ("size=10.0", "1"),
        ('size="9"', "2"),
        ('size="3"', ""),
        ("size!=3", "12"),
        ("order.id=9007199254740992", "2"),
        ("order.id=9007199254740993", ""),
        ("order.id=+9007199254740992", "2"),
        ("size=0e9999999999999999999", ""),
        ("service.version=1.2", "0123"),
        ("service.version=1.20", ""),
        ("host.name=node", "0123"),
        ("owner=team", "023"),
        ("owner=me", "1"),
        ("resource_attributes.host.name=node", "0123"),
        ("attributes.host.name exists", "1"),
        ('"odd key="=x', "0"),
        ("nothing!=1", ""),
    ],
)
def test_a_filter_matches_the_spans_that_it_says(reader: Reader, written: str, names: str) -> None:
    matching = condition([parse_filter(written)])
    found = reader.table(f"SELECT name FROM spans WHERE {matching.sql}", matching.params)
    assert "".join(sorted(found["name"].to_pylist())) == names


def test_several_filters_must_all_match(reader: Reader) -> None:
    matching = condition([parse_filter("http.route~pay"), parse_filter("size>9")])
    found = reader.table(f"SELECT name FROM spans WHERE {matching.sql}", matching.params)
    assert found["name"].to_pylist() == ["1"]


def test_the_first_operator_ends_the_key() -> None:
    assert parse_filter("a=b=c>=d") == Filter("", "a", "=", "b=c>=d", None)
    assert parse_filter('"a=b"=5') == Filter("", "a=b", "=", "5", 5.0)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "character 1: a key is expected"),
        ("=x", "character 1: a key is expected"),
        ("http.route", "character 11: an operator is expected"),
        ("http.route is /x", "character 11: an operator is expected"),
        ('"open=x', "character 1: a key is expected"),
        ('key="open', "character 5: the quoted value does not end"),
        ('key="a"b', "character 5: the quoted value does not end"),
        ('"\\x"=1', "character 1: is no JSON string"),
        ('"\\ud800"=1', "character 1: is no Unicode text"),
        ('key="\\ud800"', "character 5: is no Unicode text"),
        ("key==a", "character 5: the operators are .*in quotes"),
        ("key =~ a", "character 6: the operators are .*in quotes"),
        ("key>=~a", "character 6: the operators are .*in quotes"),
        ("key~(a", "character 5: this regular expression is broken: missing"),
        ('key !~ "a{1001}"', "character 8: this regular expression is broken: invalid repetition"),
    ],
)
def test_a_broken_filter_is_refused_with_its_place(written: str, words: str) -> None:
    with pytest.raises(InvalidRequest, match=rf"^attribute: .*{words}"):
        parse_filter(written)
