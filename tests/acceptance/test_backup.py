"""`goldeneye backup` beside a server that is sent to, and of a folder that a kill left."""

import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from support.numbered import STORED, Writer, count_stored
from support.server import GoldeneyeProcess, running

WRITERS = [("traces", "grpc"), ("logs", "http"), ("metrics", "http")]


def backup(data_dir: Path, target: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "goldeneye", "backup", str(target)]
    return subprocess.run(
        [*command, "--data-dir", str(data_dir)], capture_output=True, text=True, timeout=120
    )


def lost_and_doubled(
    server: GoldeneyeProcess, writers: list[Writer], acknowledged: dict[str, set[int]]
) -> tuple[int, int]:
    lost = doubled = 0
    for writer in writers:
        rows = server.sql(STORED[writer.signal], {"writer": writer.name})
        times = Counter(row["number"] for row in rows)
        lost += len(acknowledged[writer.name] - times.keys())
        doubled += sum(1 for count in times.values() if count > 1)
    return lost, doubled


def test_a_backup_beside_a_server_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    data_dir, target = tmp_path / "data", tmp_path / "backup"
    writers = [Writer(*kind) for kind in WRITERS]
    server = GoldeneyeProcess(data_dir, {"GOLDENEYE_WAL__SEGMENT_MAX_AGE_S": "1"}).start()
    for writer in writers:
        writer.send(server, 2)
    server.flushed()
    threads = [threading.Thread(target=writer.run, args=(server,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        while not all(len(writer.acknowledged) > 200 for writer in writers):
            threads[0].join(0.01)
            assert all(thread.is_alive() for thread in threads)
        acknowledged = {writer.name: set(writer.acknowledged) for writer in writers}
        taken = backup(data_dir, target)
    finally:
        server.kill()
        for thread in threads:
            thread.join()
    assert taken.returncode == 0, taken.stderr
    assert taken.stdout.startswith(f"{target}: ")
    # Nothing of the backup needs the folder that it was taken of.
    data_dir.rename(tmp_path / "lost")
    with running(target) as restored:
        assert lost_and_doubled(restored, writers, acknowledged) == (0, 0)
        restored.restart()
        assert lost_and_doubled(restored, writers, acknowledged) == (0, 0)


@pytest.mark.slow
def test_a_backup_of_a_folder_that_a_kill_left(tmp_path: Path) -> None:
    data_dir, target = tmp_path / "data", tmp_path / "backup"
    writers = [Writer(*kind) for kind in WRITERS]
    with running(data_dir) as server:
        for writer in writers:
            writer.send(server, 3)
        server.kill()
        taken = backup(data_dir, target)
    assert taken.returncode == 0, taken.stderr
    refused = backup(data_dir, target)
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    shutil.rmtree(data_dir)
    with running(target) as restored:
        assert count_stored(restored, writers) == (0, 0)
