"""A disk that is really full: senders are told to come again, and what was acknowledged stays."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.numbered import Writer, count_stored
from support.server import FLUSH_TIMEOUT_S, GoldeneyeProcess, running

SIZE_MIB = 32


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small one, in memory, which only root may make."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    """To the last byte."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue


def is_retryable(server: GoldeneyeProcess, body: bytes) -> bool:
    """How a request is refused."""
    headers = {"Content-Type": "application/x-protobuf"}
    answer = httpx.post(f"{server.http_endpoint}/v1/traces", content=body, headers=headers)
    return answer.status_code == 503 and "retry-after" in answer.headers


def test_a_full_disk_takes_nothing_and_loses_nothing(disk: Path, tmp_path: Path) -> None:
    ballast = disk / "ballast"
    environment = {
        "GOLDENEYE_WAL__SEGMENT_MAX_AGE_S": "5",
        "GOLDENEYE_STORAGE__MIN_FREE_MIB": "0",
    }
    writers = [Writer("traces", "http"), Writer("logs", "grpc")]
    with running(disk / "data", **environment) as server:
        for writer in writers:
            writer.send(server, 2)
        # The segment that they are in can no longer be written as files.
        fill(ballast)
        assert is_retryable(server, writers[0].body(10_000))
        deadline_s = time.monotonic() + FLUSH_TIMEOUT_S
        while server.get("/api/v1/status")["storage"]["last_flush_error"] is None:
            assert time.monotonic() < deadline_s
            time.sleep(0.1)
        assert is_retryable(server, writers[0].body(10_000))
        assert count_stored(server, writers) == (0, 0)
        ballast.unlink()
        for writer in writers:
            writer.send(server, 1)
        server.flushed()
        assert count_stored(server, writers) == (0, 0)
        assert server.get("/api/v1/status")["storage"]["quarantine"] == []
        server.kill()
        server.start()
        assert count_stored(server, writers) == (0, 0)
