"""How long questions about services and percentiles take over HTTP, the server in this process.

    python benchmarks/services.py --data-dir DIR [--runs 50] [--only overview]

Asked of a folder of writing.py, some seconds after its last span, the clock going on between the
questions, so that ranges neither begin nor end at a minute. `first` is the first answer after the
start, when nothing is remembered of the files. CPU is the mean of all processes together, which
says on a busy machine what the times would be on a quiet one.
"""

import argparse
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx
import numpy as np
import processes
from filling import read_only

from goldeneye import wiring
from goldeneye.clock import ManualClock
from goldeneye.config import Config
from goldeneye.schemas import DEFAULT_TENANT, well_known_keys
from query.service import QueryService
from storage.engine import Storage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.serving import serving

_QUESTIONS: Final = (
    ("/api/v1/services", {"start": "now-24h"}),
    ("/api/v1/services", {"start": "now-1h"}),
    ("/api/v1/services", {"start": "now-5m"}),
    ("/api/v1/services", {"start": "now-24h", "compare": "1h"}),
    ("/api/v1/services/cart/operations", {"start": "now-24h"}),
    ("/api/v1/services/cart/series", {"start": "now-24h", "step": "5m"}),
    ("/api/v1/percentiles", {"start": "now-24h", "service": "cart"}),
    ("/api/v1/percentiles", {"start": "now-1h", "service": "cart", "group_by": "http.route"}),
    ("/api/v1/services/cart/health", {}),
    ("/api/v1/overview", {}),
    ("/api/v1/service-map", {"start": "now-5m"}),
    ("/api/v1/service-map", {"start": "now-1h"}),
)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--only", default="", help="only paths with this text")
    arguments = parser.parse_args()
    print("| question | first, ms | p50, ms | p95, ms | CPU, ms | method |")
    print("|---|---|---|---|---|---|")
    with read_only(arguments.data_dir) as storage:
        clock = ManualClock()
        clock.advance((_last_ns(storage) - clock.now_ns()) / 1e9 + 0.123)
        settings = wiring.query_settings(Config.model_validate({"data_dir": arguments.data_dir}))
        service = QueryService(settings, well_known_keys(), storage, clock)
        try:
            with serving(service) as client:
                for path, params in _QUESTIONS:
                    if arguments.only not in path:
                        continue
                    print(_row(client, clock, path, params, arguments.runs), flush=True)
        finally:
            service.close()


def _last_ns(storage: Storage) -> int:
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        return max(file.max_time_ns for file in snapshot.files if file.table == "spans")


def _row(
    client: httpx.Client, clock: ManualClock, path: str, params: Mapping[str, str], runs: int
) -> str:
    def asked_ms() -> float:
        clock.advance(0.37)
        start_s = time.perf_counter()
        answer = client.get(path, params=params)
        taken_ms = (time.perf_counter() - start_s) * 1e3
        assert answer.status_code == 200, answer.text
        return taken_ms

    first_ms = asked_ms()
    for _ in range(3):
        asked_ms()
    start_cpu_s = processes.cost(os.getpid()).cpu_s
    taken_ms = [asked_ms() for _ in range(runs)]
    cpu_ms = (processes.cost(os.getpid()).cpu_s - start_cpu_s) / runs * 1e3
    cells = [first_ms, *np.percentile(taken_ms, [50, 95]), cpu_ms]
    numbers = " | ".join(f"{cell:,.1f}" for cell in cells)
    asked = " ".join(f"{name}={value}" for name, value in params.items())
    found = client.get(path, params=params).json()
    # Some answers are always of buckets, and need not say so.
    first = found.get("percentiles", [{"method": "bucketed"}])[0]
    method = found.get("method", first["method"])
    return f"| `{path.removeprefix('/api/v1')}` {asked} | {numbers} | {method} |"


if __name__ == "__main__":
    main()
