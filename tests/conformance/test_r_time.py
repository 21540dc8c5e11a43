"""R: time (late, in the future, out of order) and duplicates."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.items import NOW_NS, gauge, logs, metrics, one_span, point, span, total, traces
from support.live import Live

TRACES, METRICS, LOGS = "/v1/traces", "/v1/metrics", "/v1/logs"
_S = 10**9
_DAY_NS = 86_400 * _S
_WARNINGS = "goldeneye_receiver_warnings_total"


def test_240_data_comes_in_any_order(live: Live) -> None:
    """From several connections, the latest first."""
    bodies = [one_span(end_time_unix_nano=NOW_NS - number * _S) for number in range(40)]

    def send(body: bytes) -> bytes:
        with live.new_channel() as channel:
            method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
            answer: bytes = channel.unary_unary(method)(body, timeout=20)
            return answer

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, bodies)) == {b""}
    times = [row["t"] for row in live.rows("spans", "epoch_ns(end_time) AS t", "end_time")]
    assert times == [NOW_NS - number * _S for number in reversed(range(40))]


def _counted(live: Live, warning: str, send: Any) -> float:
    """How much the counter of a warning rose."""
    before = live.metric(_WARNINGS, warning=warning)
    send()
    return live.metric(_WARNINGS, warning=warning) - before


@pytest.mark.parametrize("days", [2, 400])
def test_241_late_data_is_stored_and_counted(live: Live, days: int) -> None:
    late_ns = NOW_NS - days * _DAY_NS
    body = traces(span(start_time_unix_nano=late_ns, end_time_unix_nano=late_ns), span())
    assert _counted(live, "late_time", lambda: live.accept(TRACES, body)) == 1
    records = logs({"time_unix_nano": late_ns})
    assert _counted(live, "late_time", lambda: live.accept(LOGS, records)) == 1
    assert (live.count("spans"), live.count("logs")) == (2, 1)


@pytest.mark.parametrize(
    ("time_ns", "warning"),
    [
        (NOW_NS + 2 * 3_600 * _S, "future_time"),
        (NOW_NS + 400 * _DAY_NS, "future_time"),
        (NOW_NS // _S, "ancient_time"),  # seconds
        (NOW_NS // 10**6, "ancient_time"),
        (NOW_NS // 1_000, "ancient_time"),
    ],
    ids=["in two hours", "in 400 days", "seconds", "milliseconds", "microseconds"],
)
def test_242_times_of_the_future_and_of_wrong_units_are_counted(
    live: Live, time_ns: int, warning: str
) -> None:
    body = logs({"time_unix_nano": time_ns}, {})
    assert _counted(live, warning, lambda: live.accept(LOGS, body)) == 1
    assert [row["t"] for row in live.rows("logs", "epoch_ns(time) AS t")] == [time_ns, NOW_NS]


def test_242_a_clock_that_is_a_little_ahead_is_no_matter(live: Live) -> None:
    body = logs({"time_unix_nano": NOW_NS + 1_800 * _S})
    assert _counted(live, "future_time", lambda: live.accept(LOGS, body)) == 0


def test_243_points_of_any_age_are_stored(live: Live) -> None:
    times = [NOW_NS - days * _DAY_NS for days in (1, 30, 3_000)]
    points = [point(as_int=1, time_unix_nano=time_ns) for time_ns in times]
    live.accept(METRICS, metrics(gauge(*points), total(*points)))
    found = [row["t"] for row in live.rows("metric_points", "epoch_ns(time) AS t")]
    assert found == times * 2


def test_244_a_spans_time_is_its_end(live: Live) -> None:
    """It began long ago, and its child, on a machine with another clock, before it."""
    long_ago_ns = NOW_NS - 30 * _DAY_NS
    parent = span(start_time_unix_nano=long_ago_ns, span_id=b"parent!!")
    child = span(start_time_unix_nano=long_ago_ns - 5, parent_span_id=b"parent!!")
    body = traces(parent, child)
    assert _counted(live, "late_time", lambda: live.accept(TRACES, body)) == 0
    assert live.count("spans") == 2


def test_245_the_time_of_arrival_is_beside_each_item(live: Live) -> None:
    before_ns = time.time_ns()
    live.accept(TRACES, one_span())
    live.accept(LOGS, logs({}))
    live.accept(METRICS, metrics(gauge(point(as_int=1))))
    for table in ("spans", "logs", "metric_points"):
        received_ns = live.row(table, "epoch_ns(received_time) AS r")["r"]
        assert before_ns <= received_ns <= time.time_ns()


def test_246_the_same_request_is_taken_again(live: Live) -> None:
    bodies = {TRACES: one_span(), LOGS: logs({}), METRICS: metrics(gauge(point(as_int=1)))}
    for path, body in bodies.items():
        live.accept(path, body)
        live.accept(path, body)
    tables = ("spans", "logs", "metric_points")
    assert [live.count(table) for table in tables] == [2, 2, 2]


@pytest.mark.parametrize("time_ns", [2**63 - 2, 2**63, 2**64 - 1])
def test_247_large_times_do_not_wrap(live: Live, time_ns: int) -> None:
    beyond = time_ns >= 2**63
    times = {"start_time_unix_nano": time_ns, "end_time_unix_nano": time_ns}
    live.accept(TRACES, one_span(**times, events=[{"name": "e", "time_unix_nano": time_ns}]))
    live.accept(METRICS, metrics(gauge(point(as_int=1, time_unix_nano=time_ns))))
    row = live.row("spans", "epoch_ns(end_time) AS t, end_time_unix_nano AS raw")
    assert row == {"t": None if beyond else time_ns, "raw": time_ns if beyond else None}
    row = live.row("metric_points", "epoch_ns(time) AS t, time_unix_nano AS raw")
    assert row == {"t": None if beyond else time_ns, "raw": time_ns if beyond else None}


def test_247_times_of_0_are_unknown(live: Live) -> None:
    live.accept(TRACES, one_span(start_time_unix_nano=0, end_time_unix_nano=0))
    row = live.row("spans", "start_time, end_time, start_time_unix_nano AS s")
    assert list(row.values()) == [None, None, None]
