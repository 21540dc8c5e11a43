"""How long a server that was killed with a full log takes until it is ready again.

    python benchmarks/restart.py [--mib 1024] [--signal traces logs]

A real server is started and killed with SIGKILL; the log is filled with so many MiB of requests
that are in no file, in segments of the default size, by the log's own writer; then the server is
started again over it. Ready is the first 200 of /readyz; the log's pages are in the page cache, as
they are after a kill. `in files` is when all rows of the log are in files.
"""

import argparse
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import payloads
import processes
from ingest import GoldeneyeProcess
from traces import BODY_SPANS, Traces

from goldeneye import limits
from goldeneye.clock import SystemClock
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, Signal
from storage.file_system import RealFileSystem
from storage.wal.log import WriteAheadLog
from storage.wal.record import Record

# Of logs, distinct ones are made slowly.
_LOG_BODIES = 64


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=1024, help="of requests in the log")
    parser.add_argument("--signal", nargs="+", default=["traces", "logs"])
    parser.add_argument("--folder", default=None, help="where data folders are made")
    arguments = parser.parse_args()
    print("| signal | log, MiB | items | ready, s | CPU s | in files, s | CPU s | peak, MiB |")
    print("|---|---|---|---|---|---|---|---|")
    for signal in arguments.signal:
        with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="goldeneye-") as folder:
            print(_row(Path(folder) / "data", signal, arguments.mib), flush=True)


def _row(data_dir: Path, signal: Signal, mib: int) -> str:
    server = GoldeneyeProcess(data_dir).start()
    server.kill()
    items = _fill(data_dir / "wal", signal, mib * MIB)
    start_s = time.perf_counter()
    server.start()
    _await_ready(server)
    ready_s = time.perf_counter() - start_s
    ready_cpu_s = processes.cost(server.process.pid).cpu_s
    server.flushed()
    files_s = time.perf_counter() - start_s
    cpu_s, peak_mib = processes.cost(server.process.pid).cpu_s, server.peak_memory_bytes() >> 20
    rows = server.get("/api/v1/status")["storage"]["files"]
    server.stop()
    table = {"traces": "spans", "logs": "logs"}[signal]
    assert rows[table]["rows"] == items, f"{items} items in the log, in files {rows[table]}"
    return (
        f"| {signal} | {mib:,} | {items:,} | {ready_s:.1f} | {ready_cpu_s:.1f} | {files_s:.1f} "
        f"| {cpu_s:.1f} | {peak_mib:,} |"
    )


def _fill(folder: Path, signal: Signal, size_bytes: int) -> int:
    """Append requests until they have so many bytes; how many items they have."""
    wal = WriteAheadLog(
        RealFileSystem(),
        folder,
        1_000,
        "interval",
        limits.WAL_SEGMENT_MAX_BYTES,
        limits.WAL_SEGMENT_MAX_AGE_S,
        0,
        SystemClock(),
    )
    items = 0
    for body in _bodies(signal):
        wal.append([Record(DEFAULT_TENANT, signal, "protobuf", time.time_ns(), body)])
        items += BODY_SPANS
        size_bytes -= len(body)
        if size_bytes <= 0:
            break
    wal.seal()
    return items


def _bodies(signal: Signal) -> Iterator[bytes]:
    if signal == "traces":
        traces, number = Traces(), 0
        while True:
            yield traces.body(number)
            number += 1
    made = [payloads.body(signal, "protobuf", BODY_SPANS, seed) for seed in range(_LOG_BODIES)]
    while True:
        yield from made


def _await_ready(server: GoldeneyeProcess) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"{server.api_url}/readyz", timeout=10):
                return
        except (urllib.error.HTTPError, urllib.error.URLError):
            time.sleep(0.01)


if __name__ == "__main__":
    main()
