"""What rules write comes back by PromQL under the same labels, until it ends."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.backend import Backend, backend
from support.fake_decoder import START_NS

from alerting.rules.recording import Recorded
from goldeneye.errors import StorageUnavailable
from goldeneye.recorded_samples import RecordedSamples
from goldeneye.schemas import well_known_keys
from goldeneye.telemetry import RECORDED_SAMPLES_LEFT_OUT
from otlp_receiver.decoding.choose import decoder
from query.promql.native.histogram import CUSTOM_BUCKETS, Histogram, ResetHint

START_MS = START_NS // 1_000_000
STEP_MS = 15_000
DECODER = decoder(well_known_keys())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    with backend(tmp_path_factory.mktemp("recorded")) as started:
        yield started


def writing(whole: Backend) -> RecordedSamples:
    return RecordedSamples(DECODER, whole.storage, whole.clock)


def sample(
    labels: dict[str, str], step: int, value: float | None = None, histogram: Any = None
) -> Recorded:
    return Recorded(tuple(sorted(labels.items())), START_MS + step * STEP_MS, value, histogram)


def ask(whole: Backend, query: str, step: int) -> list[dict[str, Any]]:
    at_s = (START_MS + step * STEP_MS) / 1000
    answer = whole.get("/prometheus/api/v1/query", {"query": query, "time": str(at_s)})
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


LABELS = [
    pytest.param({}, id="none"),
    pytest.param({"job": "shop/checkout", "instance": "a:1"}, id="of a target"),
    pytest.param({"instance": "a:1"}, id="of an instance without a job"),
    pytest.param({"service_name": "checkout", "le": "0.5", "otel_scope_name": "x"}, id="reserved"),
    pytest.param({"zone.näme": "é", "9": "1"}, id="UTF-8"),
]


@pytest.mark.parametrize("own", LABELS)
@pytest.mark.parametrize("name", ["job:errors:rate5m", "sold_total", "slow_bucket", "ALERTS"])
def test_a_series_is_as_it_was_written_until_it_is_stale(
    whole: Backend, name: str, own: dict[str, str]
) -> None:
    labels = {"__name__": name, **own}
    query = f'{{"{name}",' + ",".join(f'"{key}"="{one}"' for key, one in own.items()) + "}"
    writing(whole).write([sample(labels, 0, 0.25), sample(labels, 1, math.nan)])
    whole.flush()
    writing(whole).write([sample(labels, 2, None)])

    def values(step: int) -> list[str]:
        return [one["value"][1] for one in ask(whole, query, step) if one["metric"] == labels]

    assert values(0) == ["0.25"]
    assert values(1) == ["NaN"]
    assert values(2) == [], "it has ended"


HISTOGRAMS = [
    pytest.param(
        Histogram(3, 12.0, 5.5, 0.001, 2.0, {-2: 3.0, -1: 1.0, 9: 4.0}, {5: 2.0}),
        id="exponential",
    ),
    pytest.param(
        Histogram(0, 1.0, 2.0, positive={1: 1.0}, zero_threshold=0.5, hint=ResetHint.GAUGE),
        id="gauge",
    ),
    pytest.param(
        Histogram(CUSTOM_BUCKETS, 3.0, 9.0, positive={0: 1.0, 2: 2.0}, custom_bounds=(1.0, 5.0)),
        id="bounds of its own",
    ),
]


@pytest.mark.parametrize("histogram", HISTOGRAMS)
def test_a_histogram_is_one_and_its_stale_marker_ends_it(
    whole: Backend, histogram: Histogram, request: pytest.FixtureRequest
) -> None:
    labels = {"__name__": "sizes", "of": request.node.callspec.id}
    query = f'sizes{{of="{labels["of"]}"}}'
    writing(whole).write([sample(labels, 0, 0.0, histogram), sample(labels, 1, None)])
    (found,) = ask(whole, query, 0)
    assert found["metric"] == labels
    said = found["histogram"][1]
    assert (float(said["count"]), float(said["sum"])) == (histogram.count, histogram.sum)
    buckets = [tuple(map(float, bucket[1:])) for bucket in said["buckets"]]
    wanted = [(one.lower, one.upper, one.count) for one in histogram.buckets()]
    assert buckets == [pytest.approx(bucket) for bucket in wanted]
    assert ask(whole, query, 1) == []


def test_what_cannot_be_held_is_left_out_alone(whole: Backend) -> None:
    before = RECORDED_SAMPLES_LEFT_OUT._value.get()
    broken = [
        Histogram(0, 0.5, 1.0, positive={1: 0.5}),
        Histogram(0, -1.0, 1.0, positive={1: -1.0}),
    ]
    writing(whole).write(
        [sample({"__name__": "broken", "n": str(n)}, 0, 0.0, one) for n, one in enumerate(broken)]
        + [sample({"__name__": "whole"}, 0, 1.0)]
    )
    assert RECORDED_SAMPLES_LEFT_OUT._value.get() - before == 2
    assert ask(whole, "broken", 0) == []
    assert len(ask(whole, "whole", 0)) == 1


def test_many_samples_are_there_together(whole: Backend) -> None:
    written = [sample({"__name__": "many", "n": str(n)}, 0, float(n)) for n in range(4_500)]
    writing(whole).write(written)
    writing(whole).write([])
    (count,) = ask(whole, "count(many)", 0)
    (total,) = ask(whole, "sum(many)", 0)
    assert (count["value"][1], total["value"][1]) == ("4500", str(sum(range(4_500))))


def test_without_storage_nothing_is_kept(tmp_path: Path) -> None:
    with backend(tmp_path) as other:
        other.storage.close(10)
        with pytest.raises(StorageUnavailable):
            writing(other).write([sample({"__name__": "late"}, 0, 1.0)])
