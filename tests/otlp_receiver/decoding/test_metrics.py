"""Data points, rule by rule: docs/decoding.md, section 5. Both decoders keep to each."""

import math
from typing import Any

import pytest
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    Exemplar,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)
from support import outcome
from support.decoders import with_each_decoder
from support.otlp_wire import sized

from goldeneye.decoded import Decoder

pytestmark = with_each_decoder

TIME_NS = 20_000 * 86_400_000_000_000
KINDS: dict[str, Any] = {
    "gauge": NumberDataPoint,
    "sum": NumberDataPoint,
    "histogram": HistogramDataPoint,
    "exponential_histogram": ExponentialHistogramDataPoint,
    "summary": SummaryDataPoint,
}
WITH_TEMPORALITY = ("sum", "histogram", "exponential_histogram")
Quantile = SummaryDataPoint.ValueAtQuantile
Buckets = ExponentialHistogramDataPoint.Buckets


def metric(kind: str, *points: Any, temporality: int = 2) -> Metric:
    found = Metric(name="m")
    data = getattr(found, kind)
    data.SetInParent()
    if kind in WITH_TEMPORALITY:
        data.aggregation_temporality = temporality
    data.data_points.extend(points)
    return found


def point(kind: str, **fields: Any) -> Any:
    value = {"as_int": 1} if kind in ("gauge", "sum") and "as_double" not in fields else {}
    return KINDS[kind](**{"time_unix_nano": TIME_NS, **value, **fields})


def of(decoder: Decoder, *metrics: Metric) -> outcome.Outcome:
    return outcome.of(decoder, "metrics", outcome.request("metrics", *metrics))


def row_of(decoder: Decoder, kind: str, **fields: Any) -> dict[str, Any]:
    found = of(decoder, metric(kind, point(kind, **fields)))
    assert not found.rejected
    assert not found.warnings
    return found.row("metric_points")


def check_rejected(decoder: Decoder, reason: str, faulty: Metric) -> None:
    """The faulty point alone is rejected, and with nothing of it in the tables."""
    found = of(decoder, metric("gauge", point("gauge")), faulty)
    assert found.rejected == {reason: 1}
    assert len(found.rows("metric_points")) == len(found.rows("metric_series")) == 1


# What is rejected


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_without_a_time_is_rejected(decoder: Decoder, kind: str) -> None:
    faulty = KINDS[kind](flags=1)
    check_rejected(decoder, "zero_time", metric(kind, faulty, temporality=0))


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_beyond_timestamps_is_kept_as_it_is(decoder: Decoder, kind: str) -> None:
    row = row_of(decoder, kind, time_unix_nano=2**63, start_time_unix_nano=2**64 - 1)
    assert (row["time"], row["time_unix_nano"]) == (None, 2**63)
    assert (row["start_time"], row["start_time_unix_nano"]) == (None, 2**64 - 1)


@pytest.mark.parametrize("kind", WITH_TEMPORALITY)
@pytest.mark.parametrize("temporality", [0, 3, -1])
def test_only_two_temporalities_are_taken(decoder: Decoder, kind: str, temporality: int) -> None:
    faulty = KINDS[kind](time_unix_nano=TIME_NS, flags=1)
    check_rejected(decoder, "invalid_temporality", metric(kind, faulty, temporality=temporality))


@pytest.mark.parametrize("kind", KINDS)
def test_temporalities_are_words(decoder: Decoder, kind: str) -> None:
    for number, word in [(1, "delta"), (2, "cumulative")]:
        found = of(decoder, metric(kind, point(kind), temporality=number)).row("metric_series")
        assert found["temporality"] == (word if kind in WITH_TEMPORALITY else None)
        assert found["is_monotonic"] == (False if kind == "sum" else None)


@pytest.mark.parametrize("kind", ["gauge", "sum"])
def test_a_number_must_be_there(decoder: Decoder, kind: str) -> None:
    check_rejected(decoder, "missing_value", metric(kind, KINDS[kind](time_unix_nano=TIME_NS)))


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ([1], [0.5]),
        ([1, 2, 3], [0.5]),
        ([], [0.5]),
        ([1, 2], []),
        ([1, 2, 3], [0.5, 0.5]),
        ([1, 2, 3], [0.5, 0.25]),
        ([1, 2, 3], [0.0, -0.0]),
        ([1, 2], [NAN]),
        ([1, 2, 3], [0.5, NAN]),
        ([1, 2, 3], [INF, INF]),
    ],
)
def test_buckets_that_do_not_fit_are_rejected(
    decoder: Decoder, counts: list[int], bounds: list[float]
) -> None:
    faulty = point("histogram", bucket_counts=counts, explicit_bounds=bounds)
    check_rejected(decoder, "invalid_buckets", metric("histogram", faulty))


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [([], []), ([6], []), ([1, 5], [0.5]), ([6, 0, 0, 0], [-INF, 0.0, INF])],
)
def test_buckets_that_fit(decoder: Decoder, counts: list[int], bounds: list[float]) -> None:
    row = row_of(decoder, "histogram", count=6, bucket_counts=counts, explicit_bounds=bounds)
    assert (row["bucket_counts"], row["explicit_bounds"]) == (counts, bounds)


@pytest.mark.parametrize(
    "fields",
    [
        {"scale": -11},
        {"scale": 21},
        {"scale": 2**31 - 1},
        {"positive": Buckets(offset=2**31 - 1, bucket_counts=[1])},
        {"negative": Buckets(offset=2**31 - 2, bucket_counts=[1, 1])},
    ],
)
def test_exponential_buckets_that_do_not_fit_are_rejected(
    decoder: Decoder, fields: dict[str, Any]
) -> None:
    faulty = point("exponential_histogram", **fields)
    check_rejected(decoder, "invalid_exponential_buckets", metric("exponential_histogram", faulty))


@pytest.mark.parametrize("scale", [-10, 0, 20])
def test_exponential_buckets_that_fit(decoder: Decoder, scale: int) -> None:
    high = Buckets(offset=2**31 - 2, bucket_counts=[2**64 - 1])
    low = Buckets(offset=-(2**31), bucket_counts=[0, 1])
    row = row_of(decoder, "exponential_histogram", scale=scale, positive=high, negative=low)
    assert row["scale"] == scale
    assert (row["positive_offset"], row["positive_bucket_counts"]) == (2**31 - 2, [2**64 - 1])
    assert (row["negative_offset"], row["negative_bucket_counts"]) == (-(2**31), [0, 1])


@pytest.mark.parametrize(
    "quantiles",
    [
        [(-0.1, 1)],
        [(1.1, 1)],
        [(NAN, 1)],
        [(0.5, 1), (0.5, 2)],
        [(0.5, 1), (0.4, 2)],
        [(0.5, -1)],
        [(0.5, -INF)],
        [(0.5, 1), (NAN, 1)],
    ],
)
def test_quantiles_that_make_no_sense_are_rejected(
    decoder: Decoder, quantiles: list[tuple[float, float]]
) -> None:
    values = [Quantile(quantile=quantile, value=value) for quantile, value in quantiles]
    faulty = point("summary", quantile_values=values)
    check_rejected(decoder, "invalid_quantiles", metric("summary", faulty))


def test_quantiles_that_are_kept(decoder: Decoder) -> None:
    sent = [(0.0, 5.0), (0.5, 0.0), (0.75, INF), (1.0, -0.0)]
    values = [Quantile(quantile=quantile, value=value) for quantile, value in sent]
    found = row_of(decoder, "summary", quantile_values=values)["quantiles"]
    assert [(one["quantile"], one["value"]) for one in found] == sent
    (one,) = row_of(decoder, "summary", quantile_values=[Quantile(value=NAN)])["quantiles"]
    assert math.isnan(one["value"])


# What is kept


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_without_a_recorded_value_has_none(decoder: Decoder, kind: str) -> None:
    """Nor is it judged by one."""
    faulty: dict[str, dict[str, Any]] = {
        "gauge": {"as_double": 1.5},
        "sum": {"exemplars": [Exemplar(as_int=1)]},
        "histogram": {"count": 5, "sum": 1, "bucket_counts": [1], "explicit_bounds": [5, 5]},
        "exponential_histogram": {"scale": 99, "positive": Buckets(bucket_counts=[1])},
        "summary": {"count": 5, "quantile_values": [Quantile(quantile=7)]},
    }
    row = row_of(decoder, kind, flags=5, start_time_unix_nano=3, **faulty[kind])
    there = {name for name, value in row.items() if value is not None}
    assert there == {"series_id", "name", "time", "start_time", "received_time", "flags"}
    assert (row["time"], row["start_time"], row["flags"]) == (TIME_NS, 3, 5)


VALUE_COLUMNS = {
    "gauge": {"value", "value_int", "exemplars"},
    "sum": {"value", "value_int", "exemplars"},
    "histogram": {"count", "bucket_counts", "explicit_bounds", "exemplars"},
    "exponential_histogram": {
        *("count", "scale", "zero_count", "zero_threshold", "exemplars"),
        *("positive_offset", "positive_bucket_counts"),
        *("negative_offset", "negative_bucket_counts"),
    },
    "summary": {"count", "sum", "quantiles"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_that_a_kind_does_not_have_are_null(decoder: Decoder, kind: str) -> None:
    row = row_of(decoder, kind)
    there = {name for name, value in row.items() if value is not None}
    assert there - VALUE_COLUMNS[kind] == {"series_id", "name", "time", "received_time", "flags"}
    assert there >= VALUE_COLUMNS[kind]
    assert all(not row[name] or name in ("value", "value_int") for name in VALUE_COLUMNS[kind])


def test_numbers_of_both_types(decoder: Decoder) -> None:
    row = row_of(decoder, "gauge", as_int=2**53 + 1)
    assert (row["value"], row["value_int"]) == (2.0**53, 2**53 + 1)
    row = row_of(decoder, "gauge", as_double=-0.0)
    assert (math.copysign(1, row["value"]), row["value_int"]) == (-1, None)
    assert math.isnan(row_of(decoder, "gauge", as_double=NAN)["value"])


@pytest.mark.parametrize("kind", ["histogram", "exponential_histogram"])
def test_sum_min_and_max_are_null_only_where_absent(decoder: Decoder, kind: str) -> None:
    names = ("sum", "min", "max")
    row = row_of(decoder, kind)
    assert [row[name] for name in names] == [None] * 3
    for present in names:
        row = row_of(decoder, kind, **{present: 0.0})
        assert [row[name] for name in names] == [0.0 if name == present else None for name in names]


def test_a_count_that_its_buckets_do_not_add_up_to(decoder: Decoder) -> None:
    def warnings(count: int, counts: list[int]) -> dict[str, int]:
        bounds = [float(index) for index in range(len(counts) - 1)]
        fields = {"count": count, "bucket_counts": counts, "explicit_bounds": bounds}
        found = of(decoder, metric("histogram", point("histogram", **fields)))
        assert not found.rejected
        return found.warnings

    assert warnings(6, [1, 2]) == {"bucket_count_mismatch": 1}
    assert warnings(3, [1, 2]) == warnings(5, []) == {}
    assert warnings(1, [2**64 - 1, 2]) == {}, "the sum wraps"


def test_exemplars(decoder: Decoder) -> None:
    sent = [
        Exemplar(as_int=-7, trace_id=b"\xab" * 16, span_id=b"\x0f" * 8, time_unix_nano=5),
        Exemplar(time_unix_nano=5),
        Exemplar(as_double=0.5, trace_id=b"x", span_id=bytes(8), time_unix_nano=2**63),
    ]
    for kind in ("gauge", "sum", "histogram", "exponential_histogram"):
        found = of(decoder, metric(kind, point(kind, exemplars=sent)))
        assert found.warnings == {"exemplar_without_value": 1}
        one, other = found.row("metric_points")["exemplars"]
        assert (one["value"], one["value_int"]) == (-7.0, -7)
        assert (one["trace_id"], one["span_id"]) == ("ab" * 16, "0f" * 8)
        assert (one["time"], one["time_unix_nano"]) == (5, None)
        assert (other["value"], other["value_int"]) == (0.5, None)
        assert other["trace_id"] is other["span_id"] is None
        assert (other["time"], other["time_unix_nano"]) == (None, 2**63)


@pytest.mark.parametrize("number", [4, 6, 8])
def test_points_of_old_metrics_are_said_to_be_lost(decoder: Decoder, number: int) -> None:
    old = sized(1, b"m") + sized(number, b"") + sized(number, b"")
    good = sized(1, sized(2, sized(2, metric("gauge", point("gauge")).SerializeToString())))
    body = sized(1, sized(2, sized(2, old) + sized(2, old + sized(5, b"")) + sized(2, old)))
    found = outcome.of(decoder, "metrics", body + good)
    assert found.warnings == {"legacy_metric": 2}
    assert len(found.rows("metric_points")) == 1


def test_a_metric_without_data_is_nothing(decoder: Decoder) -> None:
    found = of(decoder, Metric(name="m"), metric("gauge"))
    assert found == outcome.Outcome({}, {}, {})
