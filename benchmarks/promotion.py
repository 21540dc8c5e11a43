"""What columns of their own for dense keys gain: size, time of the merge, time of questions.

    python benchmarks/promotion.py

524,288 spans of 64 flushes, each with three keys that are not promoted by configuration
(shop.customer, shop.cart.size, shop.price) and a resource with one more, are merged twice: with
promotion and without. Questions go through the query service; of seven runs each, the one that
took the processor least, since other work on the machine does not count there.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import payloads
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from goldeneye.clock import DAY_NS, ManualClock
from goldeneye.decoded import Group
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, STORED_TABLES, well_known_keys
from otlp_receiver.decoding.native import NativeDecoder
from query.service import QueryService, SqlQuery
from query.settings import QuerySettings
from storage.compaction import promotion
from storage.compaction.worker import main as merge
from storage.compaction.worker_process import Worker
from storage.engine import Storage
from storage.retention import Retention
from storage.settings import StorageSettings

FILES: Final = 64
ITEMS: Final = 8_192
RUNS: Final = 7
QUESTIONS: Final = {
    "one customer's spans": "SELECT count(*), max(duration_ns) FROM spans "
    "WHERE attributes->>'shop.customer' = 'customer-77'",
    "p95 by cart size": "SELECT (attributes->>'shop.cart.size')::BIGINT AS size, "
    "quantile_cont(duration_ns, 0.95) FROM spans GROUP BY ALL ORDER BY ALL",
    "sum of a double": "SELECT sum((attributes->>'shop.price')::DOUBLE) FROM spans",
    "count by a resource's key": "SELECT resource_attributes->>'shop.rack' AS rack, count(*) "
    "FROM spans GROUP BY ALL ORDER BY ALL",
    "a configured column": "SELECT count(*) FROM spans WHERE attributes->>'url.path' LIKE '%7'",
    "a key that no row has": "SELECT count(*) FROM spans WHERE attributes->>'nowhere' = 'x'",
    "all attributes of 1,000 rows": "SELECT attributes FROM spans LIMIT 1000",
}


class Measured(Worker):
    """Merges in a process whose time and memory are kept."""

    def __init__(self, promotes: bool) -> None:
        super().__init__()
        self._mode = "with" if promotes else "without"
        self.figures: list[str] = []

    def merge(self, task: Mapping[str, Any]) -> dict[str, Any]:
        started_s = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, __file__, self._mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(task).encode())
            process.stdin.close()
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        found: dict[str, Any] = json.loads(output)
        if found["metadata"]["table"] == "spans":
            self.figures = [
                f"{time.perf_counter() - started_s:.2f}",
                f"{usage.ru_utime + usage.ru_stime:.2f}",
                f"{usage.ru_maxrss // 1024}",
            ]
        return found


def main() -> None:
    columns: dict[str, list[str]] = {}
    for promotes in (False, True):
        with tempfile.TemporaryDirectory(prefix="goldeneye-promotion-") as folder:
            for name, figure in _measured(Path(folder), promotes).items():
                columns.setdefault(name, []).append(figure)
    print("| | without | with promotion |\n|---|---|---|")
    for name, figures in columns.items():
        print(f"| {name} | {' | '.join(figures)} |")


def _measured(folder: Path, promotes: bool) -> dict[str, str]:
    clock, worker = ManualClock(payloads.START_NS), Measured(promotes)
    settings = StorageSettings(
        folder, "none", 64 * MIB, 1e9, 1024 * MIB, 1024 * MIB, 0, well_known_keys(),
        Retention(dict.fromkeys(STORED_TABLES, 1 << 62), None),
    )  # fmt: skip
    decoder = NativeDecoder(settings.promoted)
    storage = Storage.open(settings, decoder, clock, worker=worker, threads=False)
    try:
        _fill(storage, decoder)
        flushed = _bytes(storage)
        clock.advance(2 * DAY_NS / 1e9)
        storage.tick()
        found = {"bytes a span, as flushed": flushed, "bytes a span, merged": _bytes(storage)}
        units = ("merge, s", "merge, s of CPU", "merge, MiB at most")
        found |= dict(zip(units, worker.figures, strict=True))
        return found | _asked(folder, storage)
    finally:
        storage.close(10)


def _fill(storage: Storage, decoder: NativeDecoder) -> None:
    for number in range(FILES):
        body = payloads.body("traces", "protobuf", ITEMS, number, number * 56 * 10**9)
        request = ExportTraceServiceRequest.FromString(body)
        for part in request.resource_spans:
            payloads.attribute(part.resource.attributes.add(), "shop.rack", f"r{number % 5}")
            for place, span in enumerate(part.scope_spans[0].spans):
                payloads.attribute(span.attributes.add(), "shop.price", place % 997 / 100)
        body = request.SerializeToString()
        times = [payloads.START_NS]
        decoded = decoder.decode("traces", "protobuf", [body], times)
        storage.commit([Group(DEFAULT_TENANT, "traces", "protobuf", [body], times, decoded)])
        storage.flush()


def _bytes(storage: Storage) -> str:
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        sizes = [file.size_bytes for file in snapshot.files if file.table == "spans"]
    return f"{sum(sizes) / (FILES * ITEMS):.1f} ({len(sizes)} files)"


def _asked(folder: Path, storage: Storage) -> dict[str, str]:
    settings = QuerySettings(folder, 1024 * MIB, 1, 60.0, 10_000, 1)
    service = QueryService(settings, well_known_keys(), storage, ManualClock(payloads.START_NS))
    try:
        return {
            f"{name}, ms of CPU": f"{_least_cpu_ms(service, sql):.0f}"
            for name, sql in QUESTIONS.items()
        }
    finally:
        service.close()


def _least_cpu_ms(service: QueryService, sql: str) -> float:
    found = []
    for _ in range(RUNS):
        before_ns = _cpu_ns()
        with service.run(SqlQuery(sql)) as answer:
            answer.read()
        found.append(_cpu_ns() - before_ns)
    return min(found) / 1e6


def _cpu_ns() -> int:
    """What all query workers have used so far."""
    children = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
    threads = [
        path for pids in children for pid in pids for path in Path(f"/proc/{pid}/task").iterdir()
    ]
    return sum(int((path / "schedstat").read_text().split()[0]) for path in threads)


if __name__ == "__main__":
    if sys.argv[1:]:
        promotion.IS_POSSIBLE = sys.argv[1] == "with"
        merge()
    else:
        main()
