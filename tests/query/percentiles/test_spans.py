"""Percentiles of spans over HTTP, each reckoned by hand, from files and memory."""

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS, MS, span

from query.asking.reader import Reader
from query.asking.window import Window
from query.percentiles.asked import Asked
from query.percentiles.measuring import measure
from query.percentiles.weighted import RELATIVE_ERROR

AT_NS = START_NS - 10 * MINUTE_NS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """`shop` has spans of 1 to 101 ms, `till` ten of 7 ms; every other one is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            made.send(
                spans_request(
                    [
                        span(
                            AT_NS + n * MINUTE_NS // 60,
                            (n + 1) * MS,
                            name=f"GET /{n % 2}",
                            size=n * 1.5,
                            route="/odd" if n % 2 else "/even",
                            debt=-n,
                        )
                        for n in range(half, 101, 2)
                    ],
                    service__version="2",
                ),
                spans_request(
                    [span(AT_NS, 7 * MS, kind="client", root=False, size="big", error=True)] * 5,
                    "till",
                    service__version="3",
                ),
            )
            if half == 0:
                made.flush()
        yield made


def _asked(whole: Backend, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = whole.get("/api/v1/percentiles", params)["percentiles"]
    return found


def test_durations(whole: Backend) -> None:
    (only,) = _asked(whole, service="shop", q=["0", "0.5", "0.95", "0.999", "1"])
    assert only == {
        "values": pytest.approx(
            {"0": 1 * MS, "0.5": 51 * MS, "0.95": 96 * MS, "0.999": 100.9 * MS, "1": 101 * MS}
        ),
        "count": 101,
        "method": "exact",
        "relative_error": 0.0,
    }


def test_the_range_is_stated_and_four_are_asked_by_default(whole: Backend) -> None:
    answer = whole.get("/api/v1/percentiles", {"start": "now-20m", "service": "till"})
    assert answer["start"] == "2025-12-31T23:40:00.000000000Z"
    assert answer["end"] == "2026-01-01T00:00:00.000000000Z"
    assert list(answer["percentiles"][0]["values"]) == ["0.5", "0.9", "0.95", "0.99"]


def test_bucketed(whole: Backend) -> None:
    (only,) = _asked(whole, service="shop", q=["0.5", "0.95"], method="bucketed")
    assert only["method"] == "bucketed"
    assert only["relative_error"] == RELATIVE_ERROR
    assert only["count"] == 101
    assert only["values"] == pytest.approx({"0.5": 51 * MS, "0.95": 96 * MS}, rel=RELATIVE_ERROR)


@pytest.mark.parametrize("method", ["exact", "bucketed"])
@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("service_name", {"shop": 101, "till": 10}),
        ("name", {"GET /": 10, "GET /0": 51, "GET /1": 50}),
        ("kind", {"client": 10, "server": 101}),
        ("status_code", {"error": 10, "unset": 101}),
        ("version", {"2": 101, "3": 10}),
        ("route", {"/even": 51, "/odd": 50, None: 10}),
        ("attributes.route", {"/even": 51, "/odd": 50, None: 10}),
        ('"route"', {"/even": 51, "/odd": 50, None: 10}),
        ("resource_attributes.service.version", {"2": 101, "3": 10}),
        ("resource_attributes.route", {None: 111}),
    ],
)
def test_groups(whole: Backend, group_by: str, groups: dict[str | None, int], method: str) -> None:
    found = _asked(whole, group_by=group_by, method=method)
    assert {one["group"]: one["count"] for one in found} == groups
    assert [one["group"] for one in found] == list(groups)


def test_a_numeric_attribute(whole: Backend) -> None:
    (same,) = _asked(whole, value="attributes.size", q="0.25")
    (only,) = _asked(whole, value="size", q="0.25")
    assert same == only
    assert only["values"] == {"0.25": 37.5}
    assert only["count"] == 101
    (negative,) = _asked(whole, value="debt", q=["0", "0.5", "1"], method="bucketed")
    assert negative["values"] == pytest.approx(
        {"0": -100, "0.5": -50, "1": 0}, rel=RELATIVE_ERROR, abs=1e-9
    )


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"operation": "GET /1"}, 50),
        ({"service": "shop", "operation": "GET /0", "kind": "client"}, 0),
        ({"kind": "client"}, 10),
        ({"status": "error", "method": "bucketed"}, 10),
        ({"attribute": "route=/odd"}, 50),
        ({"attribute": ["size>=75", "route=/odd"]}, 25),
        ({"attribute": "service.version=3", "method": "bucketed"}, 10),
    ],
)
def test_filters(whole: Backend, params: dict[str, Any], count: int) -> None:
    assert sum(one["count"] for one in _asked(whole, **params)) == count


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"service": "shup"}, "there is no service 'shup'"),
        ({"service": "till", "operation": "GET /1"}, "of the service 'till'; did you mean GET /?"),
        ({"operation": "GET /2"}, "did you mean GET /"),
    ],
)
def test_a_name_that_was_never_seen(whole: Backend, params: dict[str, str], words: str) -> None:
    assert words in whole.problem("/api/v1/percentiles", params, status=404)


@pytest.mark.parametrize("method", ["exact", "bucketed"])
def test_a_series_of_groups(whole: Backend, method: str) -> None:
    """One span a second from 23:50 on, 60 in the first minute; asked from its half."""
    found = _asked(
        whole, service="shop", step="1m", start="now-570s", group_by="name", q="1", method=method
    )
    assert [(one["group"], one["time"][14:16], one["count"]) for one in found] == [
        ("GET /0", "50", 15),
        ("GET /0", "51", 21),
        ("GET /1", "50", 15),
        ("GET /1", "51", 20),
    ]
    assert found[0]["values"]["1"] == pytest.approx(59 * MS, rel=RELATIVE_ERROR)


def test_sampled_spans_weigh_more(tmp_path: Any) -> None:
    """Of 10 ms one of eight was kept, of 20 ms all seven: nine of fifteen... the median is 10."""
    with backend(tmp_path) as whole:
        whole.send(spans_request([span(AT_NS, 10 * MS, trace_state="ot=th:e")]))
        whole.flush()
        whole.send(spans_request([span(AT_NS, 20 * MS)] * 7))
        (only,) = _asked(whole, q="0.5")
        assert only["values"]["0.5"] == pytest.approx(10 * MS, rel=RELATIVE_ERROR)
        assert (only["count"], only["method"]) == (8, "bucketed")
        detail = whole.problem("/api/v1/percentiles", {"method": "exact"}, status=422)
    assert "some of these spans were sampled" in detail


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"q": "1.1"}, "q: '1.1' is no number from 0 to 1"),
        ({"q": "nan"}, "q: 'nan'"),
        ({"q": "p95"}, "q: 'p95'"),
        ({"step": "0"}, "step: must be more than 0"),
        ({"step": "0.001"}, "at most 11000"),
        ({"attribute": "=x"}, "character 1"),
        ({"percentile": "0.9"}, "percentile"),
        ({"metric": "m", "kind": "server"}, "kind: is of spans"),
        ({"start": "now", "end": "now-1s"}, "start: is not before end"),
    ],
)
def test_what_is_wrong_is_said(whole: Backend, params: dict[str, Any], words: str) -> None:
    assert words in whole.problem("/api/v1/percentiles", params)


DURATIONS = st.lists(st.integers(0, 10**12), min_size=1, max_size=80)


@settings(max_examples=15, deadline=None)
@given(DURATIONS, st.integers(0, 120 * 10**9), st.integers(1, 180 * 10**9), st.randoms())
def test_bucketed_is_within_the_stated_error_of_exact(
    shared: Backend, durations: list[int], offset_ns: int, length_ns: int, rng: random.Random
) -> None:
    """Any spans, any range: counts are equal, percentiles near."""
    base_ns = shared.clock.now_ns()
    shared.clock.advance(600)
    times = [base_ns + rng.randrange(240 * 10**9) for _ in durations]
    spans = [span(at, took) for at, took in zip(times, durations, strict=True)]
    half = len(spans) // 2
    if half:
        shared.send(spans_request(spans[:half]))
        shared.flush()
    shared.send(spans_request(spans[half:]))
    window = Window(base_ns + offset_ns, base_ns + offset_ns + length_ns)
    inside = [
        took
        for at, took in zip(times, durations, strict=True)
        if window.start_ns <= at < window.end_ns
    ]
    qs = (0.0, 0.5, 0.9, 0.99, 1.0)
    found = measure(Reader(shared.service), Asked(window, qs, method="bucketed")).groups
    assert sum(group.span_count for group in found.values()) == len(inside)
    if inside:
        text = "SELECT quantile_cont(x, [0.0, 0.5, 0.9, 0.99, 1.0]) FROM (SELECT unnest($1) AS x)"
        with duckdb.connect() as connection:
            exact = connection.execute(text, [inside]).fetchall()[0][0]
        near = pytest.approx(exact, rel=RELATIVE_ERROR, abs=1)
        assert found[()].quantiles == near


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("any")) as made:
        yield made
