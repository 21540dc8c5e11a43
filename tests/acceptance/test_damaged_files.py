"""Files that vanish or are cut off, under a server that runs and over a restart of it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.numbered import ITEMS_PER_REQUEST, Writer
from support.server import GoldeneyeProcess, running

COUNT = "SELECT count(*) AS n, count(name) AS names FROM spans"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GoldeneyeProcess]:
    """Two files of spans and two of logs, one for each request."""
    with running(tmp_path / "data", GOLDENEYE_WAL__SEGMENT_MAX_AGE_S="1") as server:
        for signal in ("traces", "logs"):
            writer = Writer(signal, "http")
            for _ in range(2):
                writer.send(server, 1)
                server.flushed()
        yield server


def files(server: GoldeneyeProcess, table: str) -> list[Path]:
    links = sorted((server.data_dir / "lake" / table).rglob("*.parquet"))
    return [server.data_dir / "files" / link.name for link in links]


def ask(server: GoldeneyeProcess, sql: str = COUNT) -> httpx.Response:
    return httpx.post(f"{server.api_url}/api/v1/sql", json={"sql": sql}, timeout=60)


def sql_command(*where: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "goldeneye", "sql", COUNT, "--format", "json", *where]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def gone(path: Path) -> None:
    for name in (path, *(path.parents[1] / "lake").rglob(path.name)):
        name.unlink()


@pytest.mark.slow
def test_a_file_that_goes_missing_is_named_until_it_is_back(server: GoldeneyeProcess) -> None:
    victim, _ = files(server, "spans")
    copy = victim.read_bytes()
    gone(victim)
    for _ in range(2):
        found = ask(server)
        assert found.json()["rows"] == [[ITEMS_PER_REQUEST, ITEMS_PER_REQUEST]]
        assert found.json()["missing_files"] == [str(victim)]
        assert ask(server, "SELECT count(*) FROM logs").json()["missing_files"] == []
        said = sql_command("--server", server.api_url)
        assert json.loads(said.stdout)["row_count"] == 1
        assert victim.name in said.stderr
        server.restart()
    victim.write_bytes(copy)
    found = ask(server)
    assert found.json()["rows"] == [[2 * ITEMS_PER_REQUEST, 2 * ITEMS_PER_REQUEST]]
    assert found.json()["missing_files"] == []


@pytest.mark.slow
def test_a_file_that_is_cut_off_is_named_and_the_rest_stays(server: GoldeneyeProcess) -> None:
    victim, other = files(server, "spans")
    with victim.open("r+b") as file:
        file.truncate(victim.stat().st_size // 2)
    for _ in range(2):
        found = ask(server)
        assert found.status_code == 422
        assert found.json()["type"] == "urn:goldeneye:problem:damaged-file"
        assert found.json()["files"] == [str(victim)]
        assert ask(server, "SELECT count(*) FROM logs").json()["rows"] == [[2 * ITEMS_PER_REQUEST]]
        server.restart()
    server.stop()
    for refused in (sql_command("--data-dir", str(server.data_dir)), verify(server.data_dir)):
        assert refused.returncode == 1
        said = refused.stdout + refused.stderr
        assert str(victim) in said
        assert str(other) not in said
    gone(victim)
    server.start()
    assert ask(server).json()["rows"] == [[ITEMS_PER_REQUEST, ITEMS_PER_REQUEST]]


def verify(data_dir: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "goldeneye", "verify", "--data-dir", str(data_dir)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)
