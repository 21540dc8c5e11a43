"""Percentiles of metrics over HTTP: of numbers, of classic and exponential buckets."""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import SummaryDataPoint
from support.backend import Backend, backend
from support.fake_decoder import START_NS
from support.measured_spans import MINUTE_NS
from support.metric_requests import (
    DELTA,
    buckets,
    exponential,
    exponential_buckets,
    gauge,
    histogram,
    metric_request,
    point,
    summary,
)

BOUNDS = (1.0, 2.0, 4.0)


def _at(minutes_ago: float) -> int:
    return START_NS - int(minutes_ago * MINUTE_NS)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Each metric has an earlier half in files, and a later one that is not."""
    with backend(tmp_path_factory.mktemp("data")) as made:
        for half in range(2):
            _send(made, half)
            if half == 0:
                made.flush()
        yield made


def _send(whole: Backend, half: int) -> None:
    temperatures = [point(_at(30 - n), n if n % 2 else float(n), room=n % 3) for n in range(21)]
    delta = [((1, 2, 3, 4), 30), ((9, 8, 3, 0), 20)][half]
    cumulative = [
        [((5, 5, 5, 5), 31), ((6, 5, 5, 5), 30)],
        # It went on, then began anew.
        [((10, 8, 5, 5), 29), ((0, 4, 0, 0), 28)],
    ][half]
    scales = [(3, 8, (1, 0, 2)), (2, 4, (3, 0))][half]
    whole.send(
        metric_request(gauge("temperature", temperatures[half::2]), service__version="7"),
        metric_request(histogram("delta", [buckets(_at(delta[1]), delta[0], BOUNDS)], DELTA)),
        metric_request(
            histogram(
                "cumulative",
                [buckets(_at(ago), counts, BOUNDS, _at(999)) for counts, ago in cumulative],
            )
        ),
        metric_request(
            exponential(
                "exponential",
                [exponential_buckets(_at(30 - half), *scales, zero_count=half, negative=(half, 0))],
                DELTA,
            )
        ),
        metric_request(gauge("unknown", [point(_at(30 - half), math.nan)])),
        metric_request(summary("summary", [SummaryDataPoint(time_unix_nano=_at(30), count=1)])),
    )


def _asked(whole: Backend, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = whole.get("/api/v1/percentiles", params)["percentiles"]
    return found


def test_numbers_are_exact(whole: Backend) -> None:
    (only,) = _asked(whole, metric="temperature", q=["0.5", "0.99"])
    assert only == {
        "values": {"0.5": 10.0, "0.99": pytest.approx(19.8)},
        "count": 21,
        "method": "exact",
        "relative_error": 0.0,
    }


@pytest.mark.parametrize(
    ("group_by", "groups"),
    [
        ("room", {"0": 7, "1": 7, "2": 7}),
        ("version", {"7": 21}),
        ("service_name", {"shop": 21}),
        ("attributes.room", {"0": 7, "1": 7, "2": 7}),
        ("resource_attributes.service.version", {"7": 21}),
    ],
)
def test_groups(whole: Backend, group_by: str, groups: dict[str, int]) -> None:
    found = _asked(whole, metric="temperature", group_by=group_by)
    assert {one["group"]: one["count"] for one in found} == groups


def test_values_that_are_no_numbers_leave_none(whole: Backend) -> None:
    assert _asked(whole, metric="unknown") == []


def test_classic_buckets_of_delta_temporality(whole: Backend) -> None:
    """(10, 10, 6, 4) of 30: the median is at the 5th of the 10 between 1 and 2."""
    (only,) = _asked(whole, metric="delta", q=["0", "0.5", "0.8", "1"])
    assert only["values"] == {
        "0": 0.0,
        "0.5": 1.5,
        "0.8": pytest.approx(2 + 2 * 4 / 6),
        "1": 4.0,
    }
    assert (only["count"], only["method"], only["relative_error"]) == (30, "bucketed", None)
    (median,) = _asked(whole, metric="delta", q="0.5")
    assert median["relative_error"] == pytest.approx(0.5 / 1.5)


def test_cumulative_buckets_count_by_what_they_grew(whole: Backend) -> None:
    """From 30.5 minutes ago: 1, then (4, 3), then from zero anew 4 of the second bucket."""
    (only,) = _asked(whole, metric="cumulative", start="now-1830s", q="0.5")
    assert only["count"] == 1 + 4 + 3 + 4
    assert only["values"] == {"0.5": pytest.approx(1 + 1 / 7)}


def test_without_a_point_before_nothing_is_known_to_have_grown(whole: Backend) -> None:
    """The first began 999 minutes ago."""
    assert _asked(whole, metric="cumulative", end="now-1858s", q="0.5") == []


def test_cumulative_buckets_in_steps(whole: Backend) -> None:
    found = _asked(whole, metric="cumulative", start="now-1830s", step="1m", q="1")
    assert [(one["time"][14:16], one["count"]) for one in found] == [
        ("30", 1),
        ("31", 7),
        ("32", 4),
    ]


def test_exponential_buckets_of_two_scales(whole: Backend) -> None:
    """At scale 2, buckets 4 (1 and 3), 5 (2) above (2, 2.38]; one zero, one below -2."""
    (only,) = _asked(whole, metric="exponential", q=["0", "0.125", "0.25", "0.5", "1"])
    base = 2 ** (1 / 4)
    middle = 2 * 2 * base / (1 + base)
    assert only["count"] == 8
    assert only["relative_error"] == pytest.approx((base - 1) / (base + 1))
    assert only["values"]["0"] == pytest.approx(-middle)
    assert only["values"]["0.5"] == pytest.approx(middle)
    assert only["values"]["1"] == pytest.approx(middle * base)


def test_filters(whole: Backend) -> None:
    (only,) = _asked(whole, metric="temperature", attribute="room=2", service="shop")
    assert only["count"] == 7


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"metric": "temparature"}, 404, "did you mean temperature?"),
        ({"metric": "delta", "service": "x"}, 404, "the service 'x' has no metric 'delta'"),
        ({"metric": "summary"}, 422, "summary"),
        ({"metric": "delta", "group_by": "kind"}, 400, "group_by: kind is of spans"),
        ({"metric": "delta", "method": "exact"}, 400, "method: is of spans"),
    ],
)
def test_what_is_wrong_is_said(
    whole: Backend, params: dict[str, str], status: int, words: str
) -> None:
    assert words in whole.problem("/api/v1/percentiles", params, status)
