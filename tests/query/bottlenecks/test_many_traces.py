"""GET /api/v1/bottlenecks, and the same as SQL: hand-computed over rows in files and in memory."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from support.backend import Backend, backend, spans_request
from support.fake_decoder import START_NS

from query.bottlenecks.kernel import CORE

KINDS: Final = {
    "server": Span.SPAN_KIND_SERVER,
    "client": Span.SPAN_KIND_CLIENT,
    "internal": Span.SPAN_KIND_INTERNAL,
    "producer": Span.SPAN_KIND_PRODUCER,
    "consumer": Span.SPAN_KIND_CONSUMER,
}
SECOND_NS: Final = 1_000_000_000
# The clock of these tests is here; traces begin before it.
HOUR: Final = {"start": "now-1h", "end": "now"}
PATH: Final = "/api/v1/bottlenecks"


class Sent(NamedTuple):
    """A span from `start` to `end`, ns after its trace's start."""

    number: int
    parent: int | None
    service: str
    name: str
    start: int
    end: int
    kind: str = "internal"
    is_error: bool = False


def trace_id(number: int) -> str:
    return f"{number:032x}"


def requests(
    number: int, spans: Sequence[Sent], age_ns: int = 60 * SECOND_NS, **resource: str
) -> list[Any]:
    """One request for each span of the trace with that number, which began `age_ns` ago."""
    at_ns = START_NS - age_ns
    return [
        spans_request(
            [
                Span(
                    trace_id=bytes.fromhex(trace_id(number)),
                    span_id=one.number.to_bytes(8, "big"),
                    parent_span_id=b"" if one.parent is None else one.parent.to_bytes(8, "big"),
                    name=one.name,
                    kind=KINDS[one.kind],
                    start_time_unix_nano=at_ns + one.start,
                    end_time_unix_nano=at_ns + one.end,
                    status=Status(code=Status.STATUS_CODE_ERROR) if one.is_error else None,
                )
            ],
            one.service,
            **resource,
        )
        for one in spans
    ]


def checkout(pay_ns: int, is_error: bool = False) -> list[Sent]:
    """A request that waits for payment and, beside it, for the stock; 200 ns are its own."""
    end = 200 + pay_ns
    return [
        Sent(1, None, "shop", "POST /buy", 0, end, "server"),
        Sent(2, 1, "pay", "charge", 100, 100 + pay_ns, "server", is_error),
        Sent(3, 1, "stock", "reserve", 100, 400, "server"),
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("bottlenecks")) as whole:
        hot = []
        # Half of each trace's spans go to files.
        for number, (pay_ns, is_error) in enumerate([(300, False), (600, True), (800, False)]):
            first, *rest = requests(number + 1, checkout(pay_ns, is_error))
            whole.send(first if number else rest[0])
            hot += [*rest] if number else [first, *rest[1:]]
        whole.send(*releases("1.0", 100, 400), *releases("2.0", 200, 700))
        whole.send(*requests(99, checkout(5_000), age_ns=7_200 * SECOND_NS))
        whole.send(*odd_traces())
        whole.flush()
        whole.send(*hot)
        yield whole


def releases(version: str, first: int, render_ns: int) -> list[Any]:
    """Ten traces of a service whose rendering takes so long, and its query 300 ns."""
    end = 300 + render_ns
    spans = [
        Sent(1, None, "web", "GET /", 0, end, "server"),
        Sent(2, 1, "web", "render", 0, render_ns),
        Sent(3, 1, "db", "query", render_ns, end, "client"),
    ]
    found = []
    for number in range(first, first + 10):
        found += requests(number, spans, service__version=version)
    return found


def odd_traces() -> list[Any]:
    """A service called twice in a trace; one that began before the hour, with a child in it; and
    one that goes on after it."""
    called = [
        Sent(1, None, "edge", "GET /odd", 0, 1_000, "server"),
        Sent(2, 1, "twice", "GET", 100, 300, "server"),
        Sent(3, 1, "twice", "GET", 400, 900, "server"),
        Sent(4, 3, "db", "select", 500, 600, "client"),
        Sent(5, 1, "twice", "inner", 910, 920, "internal"),
    ]
    long = [
        Sent(1, None, "edge", "GET /long", 0, 20 * SECOND_NS, "server"),
        Sent(2, 1, "worker", "job", SECOND_NS, 20 * SECOND_NS, "server"),
        Sent(3, 2, "db", "late", 15 * SECOND_NS, 20 * SECOND_NS, "client"),
        # Its clock is two minutes behind.
        Sent(4, 2, "db", "skewed", -120 * SECOND_NS, 3 * SECOND_NS, "client"),
    ]
    return [*requests(300, called), *requests(301, long, age_ns=3_605 * SECOND_NS)]


def shares(answer: Any) -> dict[str, float]:
    return {row["name"]: row["share"] for row in answer["bottlenecks"]}


def test_shares_and_times_by_hand(whole: Backend) -> None:
    answer = whole.get(PATH, {"service": "shop", "operation": "POST /buy", **HOUR})
    charge, own = answer.pop("bottlenecks")
    # In the first, payment and stock take the same time: the first id is taken.
    paths = {"charge": [300, 600, 800], "own": [200, 200, 200], "whole": [500, 800, 1000]}
    expected = sum(a / b for a, b in zip(paths["charge"], paths["whole"], strict=True)) / 3
    assert (charge["service_name"], charge["name"]) == ("pay", "charge")
    assert charge["share"] == pytest.approx(expected)
    assert charge["share_slowest"] == pytest.approx(0.8)
    assert charge["exclusive_ns"] == 1_700
    assert charge["mean_exclusive_ns"] == pytest.approx(1_700 / 3)
    # Without payment the root waits for the stock: 500 ns, as long as the first took.
    assert charge["saved_ns"] == 0 + 300 + 500
    assert charge["mean_saved_ns"] == pytest.approx(800 / 3)
    assert (charge["count"], charge["error_count"], charge["trace_count"]) == (3, 1, 3)
    assert charge["example_trace_id"] == trace_id(3)
    assert (own["service_name"], own["name"]) == ("shop", "POST /buy")
    assert (own["exclusive_ns"], own["saved_ns"], own["error_count"]) == (600, 600, 0)
    assert own["share"] == pytest.approx((0.4 + 0.25 + 0.2) / 3)
    assert answer == {
        "start": "2025-12-31T23:00:00.000000000Z",
        "end": "2026-01-01T00:00:00.000000000Z",
        "service": "shop",
        "operation": "POST /buy",
        "traces_total": 3,
        "traces_examined": 3,
        "sampling": "all",
        "examples": [
            {
                "trace_id": trace_id(number),
                "span_id": f"{1:016x}",
                "start_time": "2025-12-31T23:59:00.000000000Z",
                "duration_ns": duration_ns,
            }
            for number, duration_ns in [(3, 1_000), (2, 800), (1, 500)]
        ],
        "tolerance": 0.0,
        "core": CORE,
    }


def test_sql_says_the_same(whole: Backend) -> None:
    answer = whole.get(PATH, {"service": "shop", "operation": "POST /buy", **HOUR})
    found = sql(whole, "SELECT * FROM bottlenecks('shop', 'POST /buy')", start="now-1h")
    assert found == answer["bottlenecks"]
    alert = "SELECT share FROM bottlenecks('shop', 'POST /buy') WHERE name = 'charge'"
    assert sql(whole, alert, start="now-1h") == [{"share": found[0]["share"]}]
    assert {row["name"] for row in sql(whole, "FROM bottlenecks()")} >= {"late", "render"}


def test_sql_takes_the_other_arguments_by_name(whole: Backend) -> None:
    given = "service := 'web', max_traces := 3, tolerance := 0.01"
    found = sql(whole, f"SELECT name, trace_count FROM bottlenecks({given}) ORDER BY name")
    assert found == [{"name": "query", "trace_count": 3}, {"name": "render", "trace_count": 3}]


def test_sections_in_sql_add_up_to_the_same(whole: Backend) -> None:
    found = sql(
        whole,
        "SELECT name, CAST(sum(duration_ns) AS BIGINT) AS exclusive_ns, min(root_name) AS root "
        "FROM critical_path_sections WHERE root_service_name = 'shop' GROUP BY name ORDER BY name",
        start="now-1h",
    )
    assert found == [
        {"name": "POST /buy", "exclusive_ns": 600, "root": "POST /buy"},
        {"name": "charge", "exclusive_ns": 1_700, "root": "POST /buy"},
    ]


def test_a_worse_release_shows_itself(whole: Backend) -> None:
    answer = whole.get(
        PATH, {"service": "web", "version": "2.0", "baseline_version": "1.0", **HOUR}
    )
    render, query = answer["bottlenecks"]
    assert (render["name"], query["name"]) == ("render", "query")
    assert render["share"] == pytest.approx(0.7)
    assert render["baseline_share"] == pytest.approx(400 / 700)
    assert render["change"] == pytest.approx(0.7 - 400 / 700)
    assert query["change"] == pytest.approx(0.3 - 300 / 700)
    assert answer["version"] == "2.0"
    assert answer["baseline"] == {
        "start": answer["start"],
        "end": answer["end"],
        "service": "web",
        "version": "1.0",
        "traces_total": 10,
        "traces_examined": 10,
        "sampling": "all",
    }


def test_a_baseline_may_be_of_another_time(whole: Backend) -> None:
    asked = {"service": "shop", "baseline_start": "now-3h", "baseline_end": "now-90m", **HOUR}
    answer = whole.get(PATH, asked)
    charge = answer["bottlenecks"][0]
    assert charge["baseline_share"] == pytest.approx(5_000 / 5_200)
    assert charge["change"] == pytest.approx(charge["share"] - 5_000 / 5_200)
    assert answer["baseline"]["end"] == "2025-12-31T22:30:00.000000000Z"
    for one_end in ({"baseline_start": "now-150m"}, {"baseline_end": "now-90m"}):
        answer = whole.get(PATH, {"service": "shop", **one_end, **HOUR})
        assert answer["baseline"]["start"] == "2025-12-31T21:30:00.000000000Z"
        assert answer["baseline"]["end"] == "2025-12-31T22:30:00.000000000Z"
        assert answer["baseline"]["traces_total"] == 1


def test_what_only_the_baseline_has_comes_last(whole: Backend) -> None:
    answer = whole.get(PATH, {"service": "edge", "start": "now-2m", "baseline_start": "now-61m"})
    gone = answer["bottlenecks"][-1]
    assert gone["share"] == gone["exclusive_ns"] == gone["count"] == 0
    assert gone["change"] == -gone["baseline_share"] < 0
    assert {row["name"] for row in answer["bottlenecks"] if row["count"] == 0} == {
        *["GET /long", "job", "late", "skewed"]
    }


def test_a_trace_is_read_whole_also_where_it_leaves_the_window(whole: Backend) -> None:
    asked = {"service": "edge", "operation": "GET /long", "start": "now-61m", "end": "now-60m"}
    answer = whole.get(PATH, asked)
    ns = {row["name"]: row["exclusive_ns"] // SECOND_NS for row in answer["bottlenecks"]}
    # `late` began after the window, and `skewed` two minutes before it.
    assert ns == {"GET /long": 1, "skewed": 2, "job": 12, "late": 5}


def test_a_span_that_begins_before_the_window_is_no_entry(whole: Backend) -> None:
    answer = whole.get(PATH, {"service": "edge", "operation": "GET /long", **HOUR})
    assert answer["traces_total"] == answer["traces_examined"] == 0
    assert answer["bottlenecks"] == answer["examples"] == []


def test_the_walk_begins_at_the_first_entry_of_the_trace(whole: Backend) -> None:
    answer = whole.get(PATH, {"service": "twice", **HOUR})
    assert [(row["name"], row["exclusive_ns"]) for row in answer["bottlenecks"]] == [("GET", 200)]
    assert answer["examples"][0]["span_id"] == f"{2:016x}"
    inner = whole.get(PATH, {"service": "twice", "operation": "inner", **HOUR})
    assert inner["traces_total"] == 0


def test_without_a_service_traces_begin_at_their_roots(whole: Backend) -> None:
    answer = whole.get(PATH, HOUR)
    assert answer["traces_total"] == 3 + 20 + 1
    assert {one["span_id"] for one in answer["examples"]} == {f"{1:016x}"}
    assert sum(shares(answer).values()) == pytest.approx(1)


def test_many_traces_are_sampled_by_their_ids(whole: Backend) -> None:
    first = whole.get(PATH, {"service": "web", "max_traces": 7, **HOUR})
    assert (first["traces_total"], first["traces_examined"]) == (20, 7)
    assert first["sampling"] == "hash"
    again = whole.get(PATH, {"service": "web", "max_traces": 7, **HOUR})
    assert again == first
    more = whole.get(PATH, {"service": "web", "max_traces": 19, **HOUR})
    assert more["bottlenecks"][0]["trace_count"] == 19


def test_tolerance_is_heeded(whole: Backend) -> None:
    answer = whole.get(PATH, {"service": "shop", "tolerance": 0.5, **HOUR})
    assert answer["tolerance"] == 0.5


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"start": "now", "end": "now-1h"}, "start: is not before end"),
        ({"baseline_start": "now", "baseline_end": "now-1h"}, "baseline_start: is not before"),
        ({"baseline_start": "soon"}, "baseline_start: 'soon' is not a time"),
        ({"baseline_end": "soon"}, "baseline_end: 'soon' is not a time"),
        ({"max_traces": "0"}, ""),
        ({"max_traces": "10001"}, ""),
        ({"tolerance": "1"}, ""),
        ({"tolerance": "nan"}, ""),
        ({"sevice": "shop"}, ""),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_meant_is_refused(whole: Backend, asked: Any, words: str) -> None:
    assert words in whole.problem(PATH, asked)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM bottlenecks('shop', tolerance := 2)",
        "SELECT * FROM bottlenecks('shop', max_traces := -1)",
        "SELECT * FROM bottlenecks('shop', 'a', 1, 0, 0)",
        "SELECT critical_path(1, 2, 3)",
        "SELECT critical_path([], NULL, x) FROM unnest([0.1, 0.2]) AS t(x)",
    ],
)
def test_sql_that_fails_is_a_problem(whole: Backend, text: str) -> None:
    response = whole.client.post("/api/v1/sql", json={"sql": text})
    assert response.status_code == 422, response.text


def test_sql_takes_arguments_that_are_bound(whole: Backend) -> None:
    text = "SELECT name FROM bottlenecks($service, $operation) ORDER BY name"
    found = sql(whole, text, params={"service": "web", "operation": "GET /"})
    assert found == [{"name": "query"}, {"name": "render"}]


def test_a_table_of_the_query_itself_is_not_walked(whole: Backend) -> None:
    text = "WITH spans AS (SELECT 1), bottlenecks AS (SELECT 2 AS two) FROM bottlenecks"
    assert sql(whole, text) == [{"two": 2}]
    text = "WITH spans AS (SELECT 1) SELECT count(*) AS found FROM bottlenecks('web')"
    assert sql(whole, text) == [{"found": 2}]


def sql(whole: Backend, text: str, **more: Any) -> list[dict[str, Any]]:
    response = whole.client.post("/api/v1/sql", json={"sql": text, **more})
    assert response.status_code == 200, response.text
    found = response.json()
    names = [column["name"] for column in found["columns"]]
    return [dict(zip(names, row, strict=True)) for row in found["rows"]]
