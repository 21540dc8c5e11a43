"""Histograms and summaries of OTLP in PromQL, with answers reckoned by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    DataPointFlags,
    HistogramDataPoint,
    Metric,
    SummaryDataPoint,
)
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.metric_requests import (
    CUMULATIVE,
    DELTA,
    buckets,
    exponential,
    exponential_buckets,
    histogram,
    metric_request,
    summary,
)

STALE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
QUERY = "/prometheus/api/v1/query"
START_S = START_NS // 10**9
STEP_NS = 15 * 10**9


def _at(number: int) -> int:
    """The time of the step, each 15 s, of which the 40th is now."""
    return START_NS + (number - 40) * STEP_NS


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Every other point is in files."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            for metric in _metrics(range(half, 41, 2)):
                made.send(metric_request(metric))
            if half == 0:
                made.flush()
        yield made


def _metrics(steps: range) -> Iterator[Metric]:
    bounds = (0.1, 0.5)
    growing = [buckets(_at(n), (2 * n, n, n), bounds, total=1.5 * n) for n in steps]
    yield histogram("latency", growing, CUMULATIVE)
    sent = [buckets(_at(n), (2, 1, 1), bounds, _at(n - 1), total=1.5) for n in steps]
    yield histogram("delta.latency", sent, DELTA)
    ended = [buckets(_at(n), (n, 0, 0), bounds) for n in steps if n < 30]
    ended += [HistogramDataPoint(time_unix_nano=_at(n), flags=STALE) for n in steps if n == 30]
    yield histogram("ended", ended)
    yield histogram("bare", [HistogramDataPoint(time_unix_nano=_at(n), count=n) for n in steps])
    native = [exponential_buckets(_at(n), 0, 0, (n, 2 * n), zero_count=n) for n in steps]
    yield exponential("native", native, CUMULATIVE)
    pieces = [exponential_buckets(_at(n), 0, 0, (1, 2), _at(n - 1), zero_count=1) for n in steps]
    yield exponential("delta.native", pieces, DELTA)
    yield exponential("coarse", [exponential_buckets(_at(n), -5, 0, (n,)) for n in steps])
    yield summary("paid", [_paid(n) for n in steps])


def _paid(number: int) -> SummaryDataPoint:
    made = SummaryDataPoint(time_unix_nano=_at(number), count=number, sum=3.0 * number)
    made.quantile_values.add(quantile=0.5, value=2.0)
    made.quantile_values.add(quantile=0.99, value=number)
    return made


def _result(whole: Backend, query: str, at_ns: int = START_NS) -> list[dict[str, Any]]:
    answer = whole.get(QUERY, {"query": query, "time": at_ns // 10**9})
    assert answer["data"]["resultType"] == "vector"
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def _by(whole: Backend, query: str, label: str, at_ns: int = START_NS) -> dict[str, str]:
    return {one["metric"].get(label, ""): one["value"][1] for one in _result(whole, query, at_ns)}


def test_buckets_count_what_is_below_them(whole: Backend) -> None:
    found = _by(whole, "latency_seconds_bucket", "le")
    assert found == {"0.1": "80", "0.5": "120", "+Inf": "160"}
    assert _by(whole, 'latency_seconds_bucket{le="0.5"}', "le") == {"0.5": "120"}
    assert _by(whole, "latency_seconds_count", "job") == {"shop": "160"}
    assert _by(whole, "latency_seconds_sum", "job") == {"shop": "60"}


def test_a_quantile_of_rates(whole: Backend) -> None:
    query = "histogram_quantile(0.5, sum by (le) (rate(latency_seconds_bucket[5m])))"
    assert float(_by(whole, query, "le")[""]) == pytest.approx(0.1)


def test_deltas_are_counters(whole: Backend) -> None:
    found = _by(whole, "increase(delta_latency_seconds_bucket[1m])", "le")
    assert found == {"0.1": "8", "0.5": "12", "+Inf": "16"}
    assert _by(whole, "increase(delta_latency_seconds_sum[1m])", "job") == {"shop": "6"}


def test_a_stale_point_ends_all_its_series(whole: Backend) -> None:
    assert set(_by(whole, "ended_seconds_bucket", "le", _at(29))) == {"0.1", "0.5", "+Inf"}
    for name in ("bucket", "count", "sum"):
        assert _result(whole, f"ended_seconds_{name}", _at(30)) == []


def test_without_bounds_all_is_in_one_bucket(whole: Backend) -> None:
    assert _by(whole, "bare_seconds_bucket", "le") == {"+Inf": "40"}
    assert _result(whole, "bare_seconds_sum") == []


def test_an_exponential_histogram_is_a_native_one(whole: Backend) -> None:
    (found,) = _result(whole, "native_seconds")
    assert found["histogram"] == [
        START_S,
        {
            "count": "160",
            "sum": "0",
            "buckets": [
                [3, "-1e-128", "1e-128", "40"],
                [0, "1", "2", "40"],
                [0, "2", "4", "80"],
            ],
        },
    ]
    assert _by(whole, "histogram_count(native_seconds)", "job") == {"shop": "160"}


def test_what_is_too_coarse_is_left_out(whole: Backend) -> None:
    assert _result(whole, "coarse_seconds") == []
    (found,) = _result(whole, '{__name__=~"(coarse|native)_seconds"}')
    assert found["metric"]["__name__"] == "native_seconds"


def test_deltas_of_exponential_ones_add_up(whole: Backend) -> None:
    query = "histogram_count(increase(delta_native_seconds[1m]))"
    assert _by(whole, query, "job") == {"shop": "16"}


def test_summaries_have_a_series_a_quantile(whole: Backend) -> None:
    assert _by(whole, "paid", "quantile") == {"0.5": "2", "0.99": "40"}
    assert _by(whole, 'paid{quantile=~"0.9.*"}', "quantile") == {"0.99": "40"}
    assert _by(whole, "paid_sum", "job") == {"shop": "120"}
    assert _by(whole, "paid_count", "job") == {"shop": "40"}
