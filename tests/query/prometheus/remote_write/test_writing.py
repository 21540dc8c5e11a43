"""Remote write to the real server, and its samples asked for again."""

import time
from collections.abc import Iterator
from typing import Any, Final

import cramjam
import httpx
import pytest
from support.remote_write import Symbols, body_v1, compressed, labels_v1, series_v1
from support.server import GoldeneyeProcess, running

from query.promql.remote_write.media_type import Message
from query.promql.remote_write.proto.goldeneye.remote_write.v1 import write_pb2 as v1
from query.promql.remote_write.proto.goldeneye.remote_write.v2 import write_pb2 as v2
from query.promql.samples import STALE

ROOT: Final = "/prometheus/api/v1"
# Milliseconds; the samples of a minute ago.
NOW_MS: Final = int(time.time()) * 1000
TARGET: Final = {"job": "ns/node", "instance": "a:9100"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoldeneyeProcess]:
    with running(tmp_path_factory.mktemp("data") / "data") as started:
        yield started


def _write(server: GoldeneyeProcess, body: bytes, message: Message = Message.V1) -> Any:
    headers = {
        "Content-Type": f"application/x-protobuf;proto={message}",
        "Content-Encoding": "snappy",
    }
    return httpx.post(f"{server.api_url}{ROOT}/write", content=body, headers=headers)


def _query(server: GoldeneyeProcess, query: str, at_ms: int = NOW_MS) -> list[dict[str, Any]]:
    params = {"query": query, "time": str(at_ms / 1000)}
    answer = httpx.get(f"{server.api_url}{ROOT}/query", params=params).json()
    assert answer["status"] == "success", answer
    found: list[dict[str, Any]] = answer["data"]["result"]
    return found


def _times(count: int) -> list[int]:
    return [NOW_MS - 15_000 * n for n in reversed(range(count))]


def test_series_come_back_as_they_were(server: GoldeneyeProcess) -> None:
    labels = {"__name__": "node_cpu.seconds_total", "cpu": "0", "9x": "é", **TARGET}
    sent = [(float(n), at) for n, at in enumerate(_times(5))]
    response = _write(server, body_v1([series_v1(labels, sent)]))
    assert (response.status_code, response.content) == (204, b"")
    (found,) = _query(server, '{"node_cpu.seconds_total"}')
    assert found == {"metric": labels, "value": [NOW_MS // 1000, "4"]}
    (rate,) = _query(server, 'increase({"node_cpu.seconds_total"}[1m])')
    assert rate["metric"] == {key: own for key, own in labels.items() if key != "__name__"}
    assert float(rate["value"][1]) == pytest.approx(4)


def test_a_stale_marker_ends_a_series(server: GoldeneyeProcess) -> None:
    labels = {"__name__": "up", **TARGET}
    first, second = _times(2)
    assert _write(server, body_v1([series_v1(labels, [(1.0, first), (STALE, second)])])).is_success
    assert len(_query(server, "up", first)) == 1
    assert _query(server, "up", second) == []


def test_classic_buckets_stay_series(server: GoldeneyeProcess) -> None:
    sent = [
        series_v1(
            {"__name__": "slow_seconds_bucket", "le": bound, **TARGET},
            [(count * n, at) for n, at in enumerate(_times(5))],
        )
        for bound, count in (("0.1", 3.0), ("+Inf", 4.0))
    ]
    assert _write(server, body_v1(sent)).is_success
    (found,) = _query(server, "histogram_quantile(0.5, rate(slow_seconds_bucket[1m]))")
    assert float(found["value"][1]) == pytest.approx(0.1 * 2 / 3)


def test_the_second_form_says_what_it_wrote(server: GoldeneyeProcess) -> None:
    symbols = Symbols()
    labels = {"__name__": "sizes", **TARGET}
    native = v2.Histogram(
        count_int=6,
        sum=10.0,
        schema=0,
        zero_threshold=0.001,
        zero_count_int=1,
        positive_spans=[v2.BucketSpan(offset=1, length=2)],
        positive_deltas=[2, 1],
        timestamp=NOW_MS,
    )
    series = [
        symbols.series(labels, histograms=[native]),
        symbols.series({"__name__": "gauge", **TARGET}, [(7.5, NOW_MS)]),
    ]
    response = _write(server, symbols.body(series), Message.V2)
    assert response.status_code == 204
    written = {
        kind: response.headers[f"X-Prometheus-Remote-Write-{kind}-Written"]
        for kind in ("Samples", "Histograms", "Exemplars")
    }
    assert written == {"Samples": "1", "Histograms": "1", "Exemplars": "0"}
    (found,) = _query(server, "sizes")
    assert found["histogram"][1] == {
        "count": "6",
        "sum": "10",
        "buckets": [
            [3, "-0.001", "0.001", "1"],
            [0, "1", "2", "2"],
            [0, "2", "4", "3"],
        ],
    }
    (gauge,) = _query(server, "gauge")
    assert gauge["value"][1] == "7.5"


def test_histograms_with_bounds_of_their_own_are_native(server: GoldeneyeProcess) -> None:
    symbols = Symbols()
    custom = v2.Histogram(
        count_int=5,
        sum=2.5,
        schema=-53,
        positive_spans=[v2.BucketSpan(offset=0, length=3)],
        positive_deltas=[1, 1, 0],
        custom_values=[0.5, 1.0],
        timestamp=NOW_MS,
    )
    exemplar = v2.Exemplar(
        labels_refs=symbols.refs({"trace_id": "0a" * 16}), value=0.7, timestamp=NOW_MS
    )
    sent = symbols.series({"__name__": "own", **TARGET}, histograms=[custom], exemplars=[exemplar])
    assert _write(server, symbols.body([sent]), Message.V2).status_code == 204
    (found,) = _query(server, "own")
    assert found["histogram"][1] == {
        "count": "5",
        "sum": "2.5",
        "buckets": [[3, "-Inf", "0.5", "1"], [0, "0.5", "1", "2"], [0, "1", "+Inf", "2"]],
    }
    asked = {"query": "own", "start": str(NOW_MS / 1000 - 60), "end": str(NOW_MS / 1000)}
    answer = httpx.get(f"{server.api_url}{ROOT}/query_exemplars", params=asked).json()
    assert answer["data"] == [
        {
            "seriesLabels": {"__name__": "own", **TARGET},
            "exemplars": [
                {
                    "labels": {"trace_id": "0a" * 16},
                    "value": "0.7",
                    "timestamp": NOW_MS // 1000,
                }
            ],
        }
    ]


def test_metadata_of_earlier_messages_counts(server: GoldeneyeProcess) -> None:
    told = v1.MetricMetadata(type=2, metric_family_name=b"heat", help=b"How hot", unit=b"celsius")
    assert _write(server, body_v1([], metadata=[told])).is_success
    labels = {"__name__": "heat", **TARGET}
    assert _write(server, body_v1([series_v1(labels, [(1.0, NOW_MS)])])).is_success
    data = httpx.get(f"{server.api_url}{ROOT}/metadata", params={"metric": "heat"}).json()["data"]
    assert data == {"heat": [{"type": "gauge", "help": "How hot", "unit": "celsius"}]}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"nonsense", {}, 400),
        (bytes(cramjam.snappy.compress_raw(b"\xff\xff")), {}, 400),
        (b"", {"Content-Type": "application/json"}, 415),
        (b"", {"Content-Encoding": "gzip"}, 415),
    ],
    ids=["no-snappy", "no-message", "type", "encoding"],
)
def test_wrong_bodies(
    server: GoldeneyeProcess, body: bytes, headers: dict[str, str], status: int
) -> None:
    usual = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
    response = httpx.post(f"{server.api_url}{ROOT}/write", content=body, headers=usual | headers)
    assert response.status_code == status, response.text


def test_of_a_wrong_request_nothing_is_stored(server: GoldeneyeProcess) -> None:
    good = series_v1({"__name__": "half", **TARGET}, [(1.0, NOW_MS)])
    bad = v1.TimeSeries(labels=[*labels_v1({"__name__": "half", "a": "b"}), *labels_v1({"a": "c"})])
    bad.samples.add(value=1.0, timestamp=NOW_MS)
    body = compressed(v1.WriteRequest(timeseries=[good, bad]).SerializeToString())
    assert _write(server, body).status_code == 400
    assert _query(server, "half") == []


def test_what_was_answered_outlives_a_kill(server: GoldeneyeProcess) -> None:
    labels = {"__name__": "kept", **TARGET}
    assert _write(server, body_v1([series_v1(labels, [(3.0, NOW_MS)])])).is_success
    server.kill()
    server.start()
    (found,) = _query(server, "kept")
    assert found["value"][1] == "3"


def test_too_many_series_are_told_of_and_the_others_stored(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("limited") / "data"
    with running(folder, GOLDENEYE_LIMITS__MAX_SERIES_PER_METRIC="2") as limited:
        sent = [
            series_v1({"__name__": "m", "n": str(n), **TARGET}, [(1.0, NOW_MS)]) for n in range(3)
        ]
        refused = _write(limited, body_v1(sent))
        assert refused.status_code == 400
        assert refused.text.startswith("1 data points rejected: the metric has as many active")
        assert _write(limited, body_v1(sent[:2])).status_code == 204
        assert len(_query(limited, "m")) == 2
        metrics = httpx.get(f"{limited.api_url}/metrics").text
        assert 'reason="max_series_per_metric",signal="metrics"' in metrics
        assert 'goldeneye_storage_active_series{tenant="default"} 2.0' in metrics
