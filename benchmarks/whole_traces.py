"""How long a whole trace takes over HTTP: asked by its id, as trees and as OTLP JSON.

    python benchmarks/whole_traces.py --data-dir DIR [--runs 200] [--large 100000]

Asked of a folder of writing.py or copies.py, each time for the trace of another span at a random
instant, by one client in a process of its own that keeps its connection. Warm: the same question
was asked of other traces before. CPU is the mean of server and workers together, the client left
out, which says on a busy machine what the times would be on a quiet one. With --large also of one
trace of so many spans, in a folder of its own, in files.
"""

import argparse
import asyncio
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import processes
from filling import opened, read_only, table_sizes
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from questions import samples_of, service_of, span_times

from goldeneye import api
from goldeneye.clock import ManualClock
from goldeneye.decoded import Group
from goldeneye.http_server import HttpServer
from goldeneye.schemas import DEFAULT_TENANT, well_known_keys
from otlp_receiver.decoding.native import NativeDecoder
from query.api import routers
from query.service import QueryService

START_NS: Final = 1_767_225_600_000_000_000
_LARGE_RUNS: Final = 3
_BODY_SPANS: Final = 10_000
FORMS: Final = ("json", "otlp")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--large", type=int, help="spans of a large trace")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        _client(given.client)
        return
    print("| spans | form | runs | answer, KB | p50, ms | p95, ms | p99, ms | CPU, ms |")
    print("|---|---|---|---|---|---|---|---|")
    if given.data_dir:
        _measure(given.data_dir, given.runs)
    if given.large:
        with tempfile.TemporaryDirectory(prefix="goldeneye-large-") as folder:
            _write_large(Path(folder) / "data", given.large)
            _measure(Path(folder) / "data", _LARGE_RUNS)


def _measure(data_dir: Path, runs: int) -> None:
    spans = table_sizes(data_dir)["spans"]
    with read_only(data_dir) as storage:
        service = service_of(data_dir, storage)
        try:
            wanted = samples_of(service, span_times(storage), 2 * runs)
            ids = [sample["trace_id"] for sample in wanted]
            with _serving(service) as address:
                for form in FORMS:
                    paths = [f"/api/v1/traces/{id_}?format={form}" for id_ in ids]
                    print(f"| {spans.rows:,} | {form} | {_row(address, paths)} |", flush=True)
        finally:
            service.close()


def _row(address: str, paths: Sequence[str]) -> str:
    """The first half of the paths warms, the other one is measured."""
    asked = paths[len(paths) // 2 :]
    _ask(address, paths[: len(paths) // 2])
    before = processes.cost(os.getpid()).cpu_s
    found = _ask(address, asked)
    # The client has ended: what it took is no part of either.
    cpu_s = processes.cost(os.getpid()).cpu_s - before
    p50, p95, p99 = np.percentile(found["ms"], [50, 95, 99])
    size = np.mean(found["bytes"]) / 1e3
    cpu_ms = cpu_s / len(asked) * 1e3
    return f"{len(asked)} | {size:,.0f} | {p50:,.1f} | {p95:,.1f} | {p99:,.1f} | {cpu_ms:,.1f}"


def _ask(address: str, paths: Sequence[str]) -> Any:
    command = [sys.executable, __file__, "--client", address]
    done = subprocess.run(
        command, input=json.dumps(paths), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def _client(address: str) -> None:
    """Ask for the paths that stdin names, and say how long each answer took to be here."""
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.connect()
    ms, sizes = [], []
    for path in json.load(sys.stdin):
        started_s = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        sizes.append(len(response.read()))
        ms.append((time.perf_counter() - started_s) * 1e3)
        assert response.status == 200, path
    json.dump({"ms": ms, "bytes": sizes}, sys.stdout)


@contextmanager
def _serving(service: QueryService) -> Iterator[str]:
    loop = asyncio.new_event_loop()
    server = HttpServer(api.app(dict, lambda: None, routers(service)), "127.0.0.1:0", "", "")
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(20)
    try:
        yield server.address
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(10), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _write_large(data_dir: Path, spans: int) -> None:
    """One trace, each span's parent a random one before it, with ten attributes."""
    decoder = NativeDecoder(well_known_keys())
    rng = np.random.default_rng(1)
    with opened(data_dir, ManualClock(START_NS)) as storage:
        for first in range(0, spans, _BODY_SPANS):
            numbers = range(first, min(first + _BODY_SPANS, spans))
            body = _large_body(numbers, rng).SerializeToString()
            decoded = decoder.decode("traces", "protobuf", [body], [START_NS])
            storage.commit(
                [Group(DEFAULT_TENANT, "traces", "protobuf", [body], [START_NS], decoded)]
            )
        storage.flush()


def _large_body(numbers: range, rng: np.random.Generator) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    envelope = request.resource_spans.add()
    envelope.resource.attributes.add(key="service.name").value.string_value = "large"
    spans = envelope.scope_spans.add().spans
    for number in numbers:
        one = spans.add(trace_id=b"\x01" * 16, span_id=(number + 1).to_bytes(8, "big"))
        if number:
            parent = int(rng.integers(0, number)) + 1
            one.parent_span_id = parent.to_bytes(8, "big")
        one.name = f"step {number % 100}"
        one.start_time_unix_nano = START_NS + number * 1_000
        one.end_time_unix_nano = START_NS + number * 1_000 + 5_000_000
        one.attributes.add(key="http.route").value.string_value = f"/way/{number % 50}"
        one.attributes.add(key="http.response.status_code").value.int_value = 200
        for key in range(8):
            one.attributes.add(key=f"shop.key.{key}").value.string_value = f"value {number % 977}"
    return request


if __name__ == "__main__":
    main()
