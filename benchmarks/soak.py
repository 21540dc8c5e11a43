"""Whether memory stays flat under mixed load.

    python benchmarks/soak.py MINUTES --rate ITEMS_A_SECOND

One process sends every signal over gRPC and HTTP, plain, with gzip and as JSON, at that rate, and
asks a question each second. The resident memory of the server and its workers is sampled each
second and drawn into docs/soak.svg (`--graph`). The last line tells the mean of the second quarter
and of the last; the exit code is 0 only where the last is not more than a tenth above it, and
every request was acknowledged.
"""

import argparse
import gzip
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import grpc
import httpx
import payloads
import processes
import soak_graph

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.otlp_server import method  # noqa: E402
from support.server import GoldeneyeProcess  # noqa: E402

ITEMS: Final = 512
BODIES: Final = 64
TIMEOUT_S: Final = 30.0
# More than this above the second quarter's mean is a leak.
TOLERANCE: Final = 1.1
QUESTION: Final = (
    "SELECT service_name, count(*) FROM spans WHERE start_time > now() - INTERVAL 1 MINUTE "
    "GROUP BY ALL"
)


@dataclass
class Flow:
    """One connection's requests; HTTP with a content type and perhaps gzip."""

    signal: Any
    transport: str
    encoding: Any = "protobuf"
    is_zipped: bool = False
    share: float = 1.0
    acknowledged: int = 0
    refused: int = 0
    bodies: list[bytes] = field(default_factory=list)

    def prepare(self) -> None:
        made = (payloads.body(self.signal, self.encoding, ITEMS, seed) for seed in range(BODIES))
        self.bodies = [gzip.compress(body, 1) if self.is_zipped else body for body in made]

    def run(self, server: GoldeneyeProcess, rate: float, stop: threading.Event) -> None:
        """Send at so many items a second until told to stop; never faster to catch up."""
        send = self._grpc(server) if self.transport == "grpc" else self._http(server)
        pause_s = ITEMS / (rate * self.share)
        for body in itertools.cycle(self.bodies):
            due_s = time.monotonic() + pause_s
            if send(body):
                self.acknowledged += ITEMS
            else:
                self.refused += ITEMS
            if stop.wait(max(0.0, due_s - time.monotonic())):
                return

    def _grpc(self, server: GoldeneyeProcess) -> Callable[[bytes], bool]:
        options = [("grpc.use_local_subchannel_pool", 1)]
        channel = grpc.insecure_channel(server.grpc_endpoint, options)
        export = channel.unary_unary(method(self.signal))

        def send(body: bytes) -> bool:
            try:
                export(body, timeout=TIMEOUT_S)
            except grpc.RpcError:
                return False
            return True

        return send

    def _http(self, server: GoldeneyeProcess) -> Callable[[bytes], bool]:
        kind = "application/json" if self.encoding == "json" else "application/x-protobuf"
        headers = {"Content-Type": kind} | ({"Content-Encoding": "gzip"} if self.is_zipped else {})
        client = httpx.Client(base_url=server.http_endpoint, headers=headers, timeout=TIMEOUT_S)

        def send(body: bytes) -> bool:
            try:
                return client.post(f"/v1/{self.signal}", content=body).status_code == 200
            except httpx.HTTPError:
                return False

        return send


def flows() -> list[Flow]:
    """JSON is a small part of what busy services send."""
    return [
        *(Flow(signal, "grpc", share=0.2) for signal in ("traces", "metrics", "logs")),
        *(Flow(signal, "http", is_zipped=True, share=0.12) for signal in ("traces", "metrics")),
        *(Flow(signal, "http", share=0.06) for signal in ("metrics", "logs")),
        Flow("logs", "http", "json", share=0.04),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--rate", type=float, default=50_000.0, help="items a second")
    parser.add_argument("--graph", type=Path, default=ROOT / "docs" / "soak.svg")
    arguments = parser.parse_args()
    payloads.START_NS = time.time_ns()  # type: ignore[misc]  # what is old would be let go
    all_flows = flows()
    for flow in all_flows:
        flow.prepare()
    with tempfile.TemporaryDirectory(prefix="goldeneye-soak-") as folder:
        server = GoldeneyeProcess(Path(folder) / "data").start()
        try:
            samples = _soak(server, all_flows, arguments.minutes * 60, arguments.rate)
        finally:
            server.stop()
    arguments.graph.write_text(soak_graph.drawn(samples, arguments.rate), encoding="utf-8")
    return _tell(samples, all_flows)


def _soak(
    server: GoldeneyeProcess, all_flows: list[Flow], seconds: float, rate: float
) -> list[soak_graph.Sample]:
    stop = threading.Event()
    threads = [threading.Thread(target=flow.run, args=(server, rate, stop)) for flow in all_flows]
    for thread in threads:
        thread.start()
    samples = []
    started_s = time.monotonic()
    try:
        while (now_s := time.monotonic() - started_s) < seconds:
            server.sql(QUESTION)
            sent = sum(flow.acknowledged for flow in all_flows)
            memory = processes.cost(server.process.pid).resident_bytes
            samples.append(soak_graph.Sample(now_s, memory / 2**20, sent))
            time.sleep(1.0)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return samples


def _tell(samples: list[soak_graph.Sample], all_flows: list[Flow]) -> int:
    quarter = max(1, len(samples) // 4)
    before = statistics.mean(sample.memory_mib for sample in samples[quarter : 2 * quarter])
    after = statistics.mean(sample.memory_mib for sample in samples[-quarter:])
    acknowledged = sum(flow.acknowledged for flow in all_flows)
    refused = sum(flow.refused for flow in all_flows)
    print(
        f"{acknowledged:,} items acknowledged, {refused:,} refused, "
        f"{before:,.0f} MiB in the second quarter, {after:,.0f} MiB in the last"
    )
    return 0 if after <= TOLERANCE * before and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
