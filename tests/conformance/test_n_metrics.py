"""N: metrics."""

import math
from typing import Any

import pytest
from support.items import (
    CUMULATIVE,
    DELTA,
    NOW_NS,
    TRACE_ID,
    attribute,
    exponential,
    gauge,
    histogram,
    metrics,
    point,
    summary,
    total,
)
from support.live import Live

METRICS = "/v1/metrics"
# The flag for "no recorded value", and another beside it.
NO_VALUE = 1
QUANTILES = [{"quantile": 0.0, "value": 1.0}, {"quantile": 0.5, "value": 2.5}]


def _values(live: Live, columns: str) -> list[tuple[Any, ...]]:
    """Points in the order of their arrival."""
    return [tuple(row.values()) for row in live.rows("metric_points", columns)]


def _rejected(live: Live, metric: dict[str, Any]) -> int:
    answer = live.post(METRICS, metrics(metric))
    if not answer.content:
        return 0
    found: int = live.partial(METRICS, metrics(metric)).rejected_data_points
    return found


def test_191_gauges_are_doubles_or_integers(live: Live) -> None:
    live.accept(METRICS, metrics(gauge(point(as_double=0.5), point(as_int=-(2**63)))))
    assert _values(live, "value, value_int") == [(0.5, None), (-(2.0**63), -(2**63))]
    assert live.row("metrics", "any_value(temporality) AS t, any_value(type) AS y") == {
        "t": None,
        "y": "gauge",
    }


def test_192_a_point_without_a_value_is_rejected(live: Live) -> None:
    found = live.partial(METRICS, metrics(gauge(point(), point(as_int=1)), total(point())))
    assert found.rejected_data_points == 2
    assert _values(live, "value_int") == [(1,)]


def test_192_an_exemplar_without_a_value_is_dropped(live: Live) -> None:
    exemplars = [{"time_unix_nano": NOW_NS}, {"as_int": 2}]
    found = live.partial(METRICS, metrics(gauge(point(as_int=1, exemplars=exemplars))))
    assert (found.rejected_data_points, "exemplar" in found.error_message) == (0, True)
    assert _values(live, "len(exemplars), exemplars[1].value_int") == [(1, 2)]


@pytest.mark.parametrize("flags", [NO_VALUE, NO_VALUE | 0x80])
def test_193_no_recorded_value_is_a_bit_of_any_point(live: Live, flags: int) -> None:
    counts = {"flags": flags, "count": 3}
    live.accept(
        METRICS,
        metrics(
            gauge(point(flags=flags), point(flags=flags, as_int=9)),
            total(point(flags=flags, as_double=9.0)),
            histogram(point(**counts, bucket_counts=[1, 2, 3])),
            exponential(point(**counts, scale=99)),
            summary(point(**counts, quantile_values=QUANTILES)),
        ),
    )
    columns = "flags, value, value_int, count, sum, bucket_counts, scale, quantiles"
    assert _values(live, columns) == [(flags, *[None] * 7)] * 6


@pytest.mark.parametrize("flags", [0, 2, 0x80])
def test_193_another_bit_is_none(live: Live, flags: int) -> None:
    assert _rejected(live, gauge(point(flags=flags))) == 1


@pytest.mark.parametrize("kind", [total, histogram])
@pytest.mark.parametrize("temporality", [0, 3, 99, -1])
def test_194_other_temporalities_are_rejected(live: Live, kind: Any, temporality: int) -> None:
    metric = kind(point(as_int=1) if kind is total else point(), temporality=temporality)
    found = live.partial(METRICS, metrics(metric))
    assert found.rejected_data_points == 1
    assert "emporality" in found.error_message


def test_194_temporality_and_monotonicity_are_kept(live: Live) -> None:
    for temporality in (DELTA, CUMULATIVE):
        for monotonic in (True, False):
            one = total(point(as_int=1), temporality=temporality, monotonic=monotonic)
            live.accept(METRICS, metrics(one))
    rows = live.rows("metrics", "temporality, is_monotonic", "temporality, is_monotonic")
    assert [tuple(row.values()) for row in rows] == [
        ("cumulative", False),
        ("cumulative", True),
        ("delta", False),
        ("delta", True),
    ]


def test_195_falling_sums_are_no_error(live: Live) -> None:
    live.accept(METRICS, metrics(total(point(as_int=-5), temporality=DELTA)))
    live.accept(METRICS, metrics(total(point(as_int=9), point(as_int=3))))
    assert _values(live, "value_int") == [(-5,), (9,), (3,)]


def test_196_start_times_are_kept(live: Live) -> None:
    starts = [0, NOW_NS - 10**9, NOW_NS]
    points = [point(as_int=1, start_time_unix_nano=start_ns) for start_ns in starts]
    live.accept(METRICS, metrics(total(*points)))
    found = _values(live, "epoch_ns(start_time)")
    assert found == [(start_ns or None,) for start_ns in starts]


def test_197_a_point_at_time_0_is_rejected(live: Live) -> None:
    zero = {"time_unix_nano": 0}
    for metric in (
        gauge(point(as_int=1, **zero)),
        total(point(as_int=1, **zero)),
        histogram(point(**zero)),
        exponential(point(**zero)),
        summary(point(**zero)),
    ):
        found = live.partial(METRICS, metrics(metric))
        assert (found.rejected_data_points, "time_unix_nano" in found.error_message) == (1, True)
    assert live.count("metric_points") == 0


@pytest.mark.parametrize(
    ("counts", "bounds"),
    [
        ([1], [1.0]),
        ([1, 2, 3], [1.0]),
        ([], [1.0]),
        ([1, 1, 1], [2.0, 1.0]),
        ([1, 1, 1], [1.0, 1.0]),
        ([1, 1], [math.nan]),
    ],
)
def test_198_wrong_buckets_are_rejected(live: Live, counts: list[int], bounds: list[float]) -> None:
    one = point(count=sum(counts), bucket_counts=counts, explicit_bounds=bounds)
    assert live.partial(METRICS, metrics(histogram(one))).rejected_data_points == 1
    assert live.count("metric_points") == 0


@pytest.mark.parametrize(
    ("counts", "bounds"), [([], []), ([4], []), ([1, 2], [0.0]), ([0, 1, 2], [-1.0, math.inf])]
)
def test_198_buckets_are_one_more_than_bounds(
    live: Live, counts: list[int], bounds: list[float]
) -> None:
    one = point(count=sum(counts), sum=1.5, bucket_counts=counts, explicit_bounds=bounds)
    live.accept(METRICS, metrics(histogram(one)))
    assert _values(live, "bucket_counts, len(explicit_bounds), count") == [
        (counts, len(bounds), sum(counts))
    ]


def test_199_counts_that_do_not_sum_up_are_taken(live: Live) -> None:
    one = point(count=9, bucket_counts=[1, 2], explicit_bounds=[1.0])
    found = live.partial(METRICS, metrics(histogram(one)))
    assert (found.rejected_data_points, bool(found.error_message)) == (0, True)
    assert _values(live, "count, bucket_counts") == [(9, [1, 2])]


@pytest.mark.parametrize("kind", [histogram, exponential])
def test_200_sum_min_and_max_may_be_absent(live: Live, kind: Any) -> None:
    some = [{}, {"sum": 0.0}, {"min": -1.0}, {"max": 2.0}, {"sum": -3.0, "min": -2.0, "max": -1.0}]
    live.accept(METRICS, metrics(kind(*(point(**one) for one in some))))
    assert _values(live, '"sum", "min", "max"') == [
        (one.get("sum"), one.get("min"), one.get("max")) for one in some
    ]


def test_201_bounds_and_counts_are_kept_as_sent(live: Live) -> None:
    """The upper bound belongs to its bucket: whoever reads them reads OTLP's own arrays."""
    one = point(count=6, bucket_counts=[1, 2, 3], explicit_bounds=[-0.5, 1e300])
    live.accept(METRICS, metrics(histogram(one)))
    assert _values(live, "bucket_counts, explicit_bounds") == [([1, 2, 3], [-0.5, 1e300])]


def test_202_exponential_histograms_are_kept(live: Live) -> None:
    one = point(
        count=10,
        scale=-3,
        zero_count=4,
        zero_threshold=0.25,
        positive={"offset": -7, "bucket_counts": [1, 0, 2]},
        negative={"offset": 5, "bucket_counts": [3]},
    )
    live.accept(METRICS, metrics(exponential(one), exponential(point(), name="empty")))
    sides = [
        f"{side}_{part}"
        for side in ("positive", "negative")
        for part in ("offset", "bucket_counts")
    ]
    columns = ", ".join(["scale", "zero_count", "zero_threshold", *sides])
    assert _values(live, columns) == [
        (-3, 4, 0.25, -7, [1, 0, 2], 5, [3]),
        (0, 0, 0.0, 0, [], 0, []),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"scale": -11},
        {"scale": 21},
        {"scale": 2**31 - 1},
        {"positive": {"offset": 2**31 - 1, "bucket_counts": [1, 1]}},
        {"negative": {"offset": 2**31 - 2, "bucket_counts": [1, 1, 1]}},
    ],
    ids=str,
)
def test_203_what_no_double_can_hold_is_rejected(live: Live, fields: dict[str, Any]) -> None:
    found = live.partial(METRICS, metrics(exponential(point(**fields))))
    assert found.rejected_data_points == 1
    assert live.count("metric_points") == 0


def test_205_summaries_are_kept(live: Live) -> None:
    last = {"quantile": 1.0, "value": 0.0}
    one = point(count=5, sum=7.5, quantile_values=[*QUANTILES, last])
    live.accept(METRICS, metrics(summary(one)))
    assert live.row("metrics", 'count, "sum", quantiles, temporality') == {
        "count": 5,
        "sum": 7.5,
        "quantiles": [*QUANTILES, last],
        "temporality": None,
    }


@pytest.mark.parametrize(
    "quantiles", [[(0.5, 1.0), (0.5, 2.0)], [(0.9, 1.0), (0.5, 1.0)], [(1.1, 1.0)], [(0.5, -1.0)]]
)
def test_205_wrong_quantiles_are_rejected(live: Live, quantiles: list[tuple[float, float]]) -> None:
    values = [{"quantile": quantile, "value": value} for quantile, value in quantiles]
    found = live.partial(METRICS, metrics(summary(point(quantile_values=values))))
    assert found.rejected_data_points == 1


def test_206_exemplars_are_kept(live: Live) -> None:
    exemplar = {
        "time_unix_nano": NOW_NS,
        "as_double": 1.5,
        "trace_id": TRACE_ID,
        "span_id": b"s" * 8,
        "filtered_attributes": [attribute("k", int_value=1)],
    }
    odd = {"as_int": 2, "trace_id": b"x", "span_id": b"y"}
    points = {"exemplars": [exemplar, odd]}
    number = point(as_int=1, **points)
    kinds = [gauge(number), total(number), histogram(point(**points)), exponential(point(**points))]
    live.accept(METRICS, metrics(*kinds))
    found = [row["exemplars"] for row in live.rows("metric_points", "exemplars")]
    assert len(found) == 4
    for first, second in found:
        assert (first["value"], first["attributes"]) == (1.5, '{"k":1}')
        assert (first["trace_id"], first["span_id"]) == (TRACE_ID.hex(), (b"s" * 8).hex())
        assert (second["value_int"], second["trace_id"], second["span_id"]) == (2, None, None)


def _series(live: Live, *found: dict[str, Any], **more: Any) -> int:
    """How many series there are by now."""
    live.accept(METRICS, metrics(*found, **more))
    number: int = live.row("metric_points", "count(DISTINCT series_id) AS n")["n"]
    return number


def test_207_metadata_does_not_identify(live: Live) -> None:
    one = point(as_int=1)
    assert _series(live, gauge(one, name="meta")) == 1
    assert _series(live, gauge(one, name="meta", metadata=[attribute("k", int_value=1)])) == 1


def test_208_a_metric_may_have_no_points(live: Live) -> None:
    live.accept(METRICS, metrics({"name": "no data"}, gauge(), histogram(), gauge(point(as_int=1))))
    assert live.count("metric_points") == 1


def test_209_what_identifies_a_series(live: Live) -> None:
    one = point(as_int=1)
    attributes = [attribute("k", int_value=1)]
    changes: list[tuple[dict[str, Any], dict[str, Any]]] = [
        (gauge(one), {}),
        (gauge(one), {"resource": {"attributes": attributes}}),
        (gauge(one), {"scope": {"name": "scope"}}),
        (gauge(one), {"scope": {"name": "scope", "version": "1"}}),
        (gauge(one), {"scope": {"name": "scope", "attributes": attributes}}),
        (gauge(one, name="other"), {}),
        (gauge(one, unit="ms"), {}),
        (gauge(point(as_int=1, attributes=attributes)), {}),
        (total(one, name="gauge"), {}),
        (total(one, name="gauge", temporality=DELTA), {}),
        (total(one, name="gauge", monotonic=False), {}),
    ]
    for number, (metric, more) in enumerate(changes, start=1):
        assert _series(live, metric, **more) == number


def test_209_what_does_not(live: Live) -> None:
    bounds = {"bucket_counts": [1, 0], "explicit_bounds": [1.0], "count": 1}
    assert _series(live, gauge(point(as_int=1))) == 1
    assert _series(live, gauge(point(as_double=1.5))) == 1
    assert _series(live, gauge(point(as_int=1), description="words")) == 1
    assert _series(live, histogram(point(**bounds))) == 2
    assert _series(live, histogram(point(**bounds | {"explicit_bounds": [2.0]}))) == 2
    assert _series(live, exponential(point(scale=1))) == 3
    assert _series(live, exponential(point(scale=2))) == 3


def test_210_one_name_of_two_kinds_harms_neither(live: Live) -> None:
    both = [gauge(point(as_int=1), name="same", unit="s"), total(point(as_int=2), name="same")]
    live.accept(METRICS, metrics(*both))
    rows = live.rows("metrics", "type, unit, value_int", "type")
    assert [tuple(row.values()) for row in rows] == [("gauge", "s", 1), ("sum", None, 2)]


def test_211_points_of_several_writers_are_all_kept(live: Live) -> None:
    for value in (1, 2):
        live.accept(METRICS, metrics(total(point(as_int=value))))
    assert _values(live, "value_int") == [(1,), (2,)]
    assert live.row("metric_points", "count(DISTINCT series_id) AS n") == {"n": 1}


def test_212_numbers_are_kept_as_they_are(live: Live) -> None:
    doubles = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.7976931348623157e308]
    live.accept(METRICS, metrics(gauge(*(point(as_double=value) for value in doubles))))
    texts = [text for (text,) in _values(live, "CAST(value AS VARCHAR)")]
    assert texts == ["nan", "inf", "-inf", "-0.0", "5e-324", "1.7976931348623157e+308"]
    live.mark()
    live.accept(METRICS, metrics(gauge(*(point(as_int=value) for value in (-(2**63), 2**63 - 1)))))
    assert _values(live, "value_int") == [(-(2**63),), (2**63 - 1,)]


@pytest.mark.parametrize("name", ["", "x" * 300, "http/server.duration (p99)", "é😀", "a\nb"])
def test_213_names_are_kept(live: Live, name: str) -> None:
    live.accept(METRICS, metrics(gauge(point(as_int=1), name=name)))
    assert live.row("metrics", "name, unit") == {"name": name, "unit": None}


def test_214_starts_may_leave_gaps_and_overlap(live: Live) -> None:
    times = [(0, 10), (5, 15), (20, 30), (30, 30)]
    points = [
        point(as_int=1, start_time_unix_nano=NOW_NS + start, time_unix_nano=NOW_NS + end)
        for start, end in times
    ]
    live.accept(METRICS, metrics(total(*points, temporality=DELTA)))
    assert live.count("metric_points") == 4
