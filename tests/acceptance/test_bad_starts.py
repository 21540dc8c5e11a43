"""What the operator meets on a bad day: one clear message, and nothing else is lost."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest
from support.numbered import Writer, count_stored
from support.server import GoldeneyeProcess, running

QUICK = {"GOLDENEYE_QUERY__WORKERS": "1"}
FREE_PORTS = {
    "GOLDENEYE_RECEIVER__GRPC__ENDPOINT": "127.0.0.1:0",
    "GOLDENEYE_RECEIVER__HTTP__ENDPOINT": "127.0.0.1:0",
    "GOLDENEYE_API__ENDPOINT": "127.0.0.1:0",
    "GOLDENEYE_QUERY__GRPC__ENDPOINT": "127.0.0.1:0",
}


def refused(data_dir: Path, **environment: str) -> str:
    """The message of a server that does not start: one line or few, and no traceback."""
    ended = subprocess.run(
        [sys.executable, "-m", "goldeneye", "serve", "--data-dir", str(data_dir)],
        env={**os.environ, **FREE_PORTS, **QUICK, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def store(server: GoldeneyeProcess, requests: int = 3) -> list[Writer]:
    """Some acknowledged items of every signal."""
    writers = [Writer("traces", "grpc"), Writer("logs", "http"), Writer("metrics", "grpc")]
    for writer in writers:
        writer.send(server, requests)
    return writers


def fill(data_dir: Path) -> list[Writer]:
    """A folder with files, cleanly stopped."""
    with running(data_dir, **QUICK) as server:
        return store(server)


@pytest.mark.parametrize(
    ("variable", "key"),
    [
        ("GOLDENEYE_RECEIVER__GRPC__ENDPOINT", "receiver.grpc.endpoint"),
        ("GOLDENEYE_RECEIVER__HTTP__ENDPOINT", "receiver.http.endpoint"),
        ("GOLDENEYE_API__ENDPOINT", "api.endpoint"),
        ("GOLDENEYE_QUERY__GRPC__ENDPOINT", "query.grpc.endpoint"),
    ],
)
def test_a_port_in_use_is_named_with_its_key(tmp_path: Path, variable: str, key: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        message = refused(tmp_path / "data", **{variable: address})
    assert address in message
    assert key in message
    assert len(message.splitlines()) == 1


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = refused(tmp_path / "file" / "data")
    assert str(tmp_path / "file") in message
    assert "data_dir" in message


def test_a_held_folder_is_named_and_its_holder_goes_on(tmp_path: Path) -> None:
    with running(tmp_path / "data", **QUICK) as server:
        message = refused(tmp_path / "data")
        assert str(tmp_path / "data") in message
        assert str(server.process.pid) in message
        writers = store(server)
        assert count_stored(server, writers) == (0, 0)


@pytest.mark.parametrize("damage", ["missing", pytest.param("garbage", marks=pytest.mark.slow)])
def test_without_its_catalog_it_refuses_and_a_rebuild_restores_it(
    tmp_path: Path, damage: str
) -> None:
    data_dir = tmp_path / "data"
    writers = fill(data_dir)
    for path in data_dir.glob("catalog.sqlite*"):
        path.unlink()
    if damage == "garbage":
        (data_dir / "catalog.sqlite").write_bytes(b"no database " * 1000)
    files = sorted((data_dir / "files").iterdir())

    message = refused(data_dir)

    assert "goldeneye verify" in message
    assert "--rebuild-catalog" in message
    assert sorted((data_dir / "files").iterdir()) == files
    rebuilt = subprocess.run(
        [
            sys.executable,
            "-m",
            "goldeneye",
            "verify",
            "--data-dir",
            str(data_dir),
            "--rebuild-catalog",
        ],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    with running(data_dir, **QUICK) as server:
        assert count_stored(server, writers) == (0, 0)


def test_a_missing_file_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    writers = fill(data_dir)
    (log_file,) = (data_dir / "lake" / "logs").rglob("*.parquet")
    gone = data_dir / "files" / log_file.name
    gone.unlink()
    log_file.unlink()

    with running(data_dir, **QUICK) as server:
        others = [writer for writer in writers if writer.signal != "logs"]
        assert count_stored(server, others) == (0, 0)
        assert str(gone) in server.log_file.read_text(encoding="utf-8")
        assert gone.name in str(server.get("/api/v1/status")["storage"])


@pytest.mark.slow
def test_a_segment_of_a_newer_version_is_kept_and_named(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir, **QUICK) as server:
        writers = store(server)
        server.kill()
    newer = data_dir / "wal" / "00000000000000009999.wal"
    newer.write_bytes(b"GOLDWAL" + bytes([255] * 57))

    with running(data_dir, **QUICK) as server:
        assert count_stored(server, writers) == (0, 0)
        assert newer.name in server.log_file.read_text(encoding="utf-8")
        kept = [path.read_bytes() for path in data_dir.rglob(newer.name)]
        assert kept == [b"GOLDWAL" + bytes([255] * 57)]


@pytest.mark.slow
def test_a_full_disk_gives_retryable_errors_and_loses_nothing(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    writers = fill(data_dir)
    # More than any disk has free: what a full one looks like from here.
    with running(data_dir, **QUICK, GOLDENEYE_STORAGE__MIN_FREE_MIB=str(1 << 40)) as server:
        request = urllib.request.Request(
            f"{server.http_endpoint}/v1/traces",
            Writer("traces", "http").body(10_000),
            {"Content-Type": "application/x-protobuf"},
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=20)
        assert caught.value.code == 503
        assert int(caught.value.headers["Retry-After"]) >= 1
        with pytest.raises(urllib.error.HTTPError) as not_ready:
            server.get("/readyz")
        assert not_ready.value.code == 503
        assert b"storage.min_free_mib" in not_ready.value.read()
        assert count_stored(server, writers) == (0, 0)
    with running(data_dir, **QUICK) as server:
        writers[0].send(server, 1)
        assert count_stored(server, writers) == (0, 0)


def test_sigterm_answers_what_is_in_flight_flushes_and_ends_with_0(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir, **QUICK) as server:
        writers = store(server)
        started_s = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started_s < 10
        assert not list((data_dir / "wal").glob("*.wal"))
    with running(data_dir, **QUICK) as server:
        assert count_stored(server, writers) == (0, 0)
