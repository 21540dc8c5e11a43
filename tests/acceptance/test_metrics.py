"""What Goldeneye says of itself at /metrics, after it was sent good, odd and wrong requests."""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.requests import spans
from support.server import GoldeneyeProcess, running

DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
_PROTOBUF = {"Content-Type": "application/x-protobuf"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoldeneyeProcess]:
    """One that has taken five spans in two requests, of which two items were rejected."""
    with running(tmp_path_factory.mktemp("metrics") / "data") as found:
        with httpx.Client(base_url=found.http_endpoint, headers=_PROTOBUF) as client:
            assert client.post("/v1/traces", content=spans(2)).status_code == 200
            assert client.post("/v1/traces", content=spans(1, 2)).status_code == 200
            assert client.post("/v1/logs", content=spans(4)).status_code == 400
            assert client.post("/v1/metrics", content=b"\xff").status_code == 400
        yield found


def _exposition(server: GoldeneyeProcess) -> str:
    with urllib.request.urlopen(f"{server.api_url}/metrics", timeout=30) as answer:
        return str(answer.read().decode())


@pytest.fixture(scope="module")
def samples(server: GoldeneyeProcess) -> dict[str, float]:
    """By name and labels, as they are written."""
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(_exposition(server))
        for sample in family.samples
    }


def test_what_is_exported_is_documented_and_the_reverse(server: GoldeneyeProcess) -> None:
    exported = set(re.findall(r"^# TYPE (\S+) (\S+)$", _exposition(server), re.MULTILINE))
    documented = set(re.findall(r"^\| `(\w+)` \| (\w+) \|", DOCS.read_text(), re.MULTILINE))
    assert exported == documented


def test_names_and_units_are_as_prometheus_has_them(server: GoldeneyeProcess) -> None:
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", _exposition(server), re.MULTILINE):
        assert re.fullmatch(r"goldeneye_[a-z]+(_[a-z]+)*", name)
        assert name.endswith("_total") == (kind == "counter"), name
        assert kind != "histogram" or name.endswith(("_seconds", "_bytes")), name


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        ("accepted_items_total signal=traces transport=http", 3),
        ("rejected_items_total reason=invalid_trace_id signal=traces transport=http", 2),
        ("refused_items_total reason=invalid signal=logs transport=http", 4),
        ("requests_total outcome=ok signal=traces transport=http", 1),
        ("requests_total outcome=partial signal=traces transport=http", 1),
        ("requests_total outcome=invalid signal=logs transport=http", 1),
        ("requests_total outcome=invalid signal=metrics transport=http", 1),
        ("request_duration_seconds_count signal=traces transport=http", 2),
        ("freshness_seconds_count signal=traces", 2),
        ("in_flight_bytes", 0),
    ],
)
def test_requests_and_items_are_counted(
    samples: dict[str, float], sample: str, value: float
) -> None:
    assert samples[f"goldeneye_receiver_{sample}"] == value


def test_what_is_not_in_files_is_told(samples: dict[str, float]) -> None:
    assert samples["goldeneye_storage_wal_unflushed_bytes"] == len(spans(2)) + len(spans(1, 2))
    assert samples["goldeneye_storage_hot_bytes"] > 0
    assert samples["goldeneye_storage_wal_sync_duration_seconds_count"] >= 1
    assert samples["goldeneye_receiver_decode_duration_seconds_count signal=traces"] >= 1
    assert samples["goldeneye_storage_disk_free_bytes"] > 0


@pytest.mark.slow
def test_what_is_in_files_is_told(server: GoldeneyeProcess, samples: dict[str, float]) -> None:
    assert samples["goldeneye_storage_files table=spans"] == 0
    server.flushed()
    text = _exposition(server)
    assert 'goldeneye_storage_files{table="spans"} 1.0' in text
    assert "goldeneye_storage_wal_unflushed_bytes 0.0" in text
    assert "goldeneye_storage_unflushed_age_seconds 0.0" in text
    assert "goldeneye_storage_hot_bytes 0.0" in text
    assert "goldeneye_storage_flush_duration_seconds_count 1.0" in text
