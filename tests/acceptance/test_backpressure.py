"""No file can be written: senders are slowed down, memory stays bounded, nothing is lost."""

from pathlib import Path

import httpx
import pytest
from support.requests import spans
from support.server import GoldeneyeProcess, running

ITEMS = 500
MAX_HOT_MIB = 2
_PROTOBUF = {"Content-Type": "application/x-protobuf"}


def _send(server: GoldeneyeProcess) -> httpx.Response:
    return httpx.post(
        f"{server.http_endpoint}/v1/traces", content=spans(ITEMS), headers=_PROTOBUF, timeout=30
    )


def _hot(server: GoldeneyeProcess) -> dict[str, int]:
    found: dict[str, int] = server.get("/api/v1/status")["storage"]["hot"]
    return found


def _stored(server: GoldeneyeProcess) -> int:
    return int(server.sql("SELECT count(*) AS n FROM spans")[0]["n"])


@pytest.mark.slow
def test_while_nothing_can_be_flushed_senders_wait_and_memory_stays_bounded(
    tmp_path: Path,
) -> None:
    environment = {
        "GOLDENEYE_STORAGE__MAX_HOT_MIB": str(MAX_HOT_MIB),
        "GOLDENEYE_WAL__SEGMENT_MAX_MIB": "1",
    }
    staging = tmp_path / "data" / "staging"
    with running(tmp_path / "data", **environment) as server:
        staging.rename(tmp_path / "aside")
        staging.write_bytes(b"no folder")
        taken = 0
        while (answer := _send(server)).status_code == 200:
            taken += ITEMS
            assert 0 < _hot(server)["bytes"] <= _hot(server)["max_bytes"] == MAX_HOT_MIB << 20
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
        assert "storage.max_hot_mib" in answer.text
        assert "the last attempt failed" in answer.text

        staging.unlink()
        (tmp_path / "aside").rename(staging)
        assert _send(server).status_code == 200
        assert _stored(server) == taken + ITEMS
        server.flushed()
        assert _stored(server) == taken + ITEMS
