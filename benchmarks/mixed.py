"""Metrics, logs and traces at once at a set pace, with questions all the while.

    python benchmarks/mixed.py --share 0.5 --seconds 60 --readers 4
    python benchmarks/mixed.py --seconds 600             # the whole load, as long as it is meant
    python benchmarks/mixed.py --find --seconds 20       # the greatest share that is carried

The whole load (a share of 1) is 100,000 points, 50,000 log records and 80,000 spans in traces of 8
a second, in bodies of 512 over gRPC; bodies get new ids and the times of their sending. It is
carried where everything was acknowledged at the pace that was wanted and is counted by SQL after
it, and no question failed. Acknowledgement counts from when a request was due. Memory is what all
of the server's processes take together (shared pages once); CPU is told as a share of the machine.
The exit code is 0 where the load, or with --find some share of it, was carried.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import ingest
import payloads
from mixed_readers import Readers
from processes import Cost
from sampling import Sampler
from support.server import GoldeneyeProcess

# Items a second, and the tables that have them.
WHOLE: Final = {"metrics": 100_000, "logs": 50_000, "traces": 80_000}
TABLES: Final = {"metrics": "metric_points", "logs": "logs", "traces": "spans"}
ITEMS: Final = 512
# The last requests are still under way when the time is over.
KEPT: Final = 0.98
# Points are ten seconds after the start of the payloads, and nothing is later.
LATEST_NS: Final = payloads.START_NS + 10 * 10**9
STEPS: Final = 6
CONNECTIONS: Final = 2
IN_FLIGHT: Final = 16


@dataclass(frozen=True)
class Run:
    """`sent` is by signal, what benchmarks/loadgen tells; `counted` what SQL then finds."""

    share: float
    seconds: float
    sent: Mapping[str, Mapping[str, Any]]
    counted: Mapping[str, int]
    readers: Readers
    cost: Cost
    elapsed_s: float

    def acknowledged(self, signal: str) -> int:
        return int(self.sent[signal]["acknowledged"]) * ITEMS

    def pace(self, signal: str) -> float:
        """What was reached of what was wanted."""
        wanted = WHOLE[signal] * self.share * self.seconds
        return self.acknowledged(signal) / wanted

    def missing(self, signal: str) -> int:
        own = self.readers.spans_sent if signal == "traces" else 0
        return self.acknowledged(signal) + own - self.counted[signal]

    @property
    def is_carried(self) -> bool:
        is_kept = all(self.pace(signal) >= KEPT for signal in WHOLE)
        is_whole = not any(self.sent[one]["refused"] or self.missing(one) for one in WHOLE)
        return is_kept and is_whole and not any(q.failures for q in self.readers.asked.values())

    @property
    def cpu_share(self) -> float:
        return self.cost.cpu_s / self.elapsed_s / (os.cpu_count() or 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--share", type=float, default=1.0, help="of the whole load; the most")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--pause", type=float, default=1.0, help="s between a reader's questions")
    parser.add_argument("--find", action="store_true", help="the greatest share that is carried")
    parser.add_argument("--folder", type=Path, help="where data folders are made")
    given = parser.parse_args()
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=ingest.LOADGEN, check=True)
    with tempfile.TemporaryDirectory(prefix="goldeneye-mixed-", dir=given.folder) as folder:
        bodies = _bodies(Path(folder))
        if given.find:
            return 0 if _find(given, bodies) else 1
        run = _run(given.share, given, bodies)
    _tell(run)
    return 0 if run.is_carried else 1


def _find(given: argparse.Namespace, bodies: Mapping[str, Path]) -> bool:
    """Halve the range between what is carried and what is not; the first try is the most."""
    print("| share | carried | points, of the pace | logs | spans | CPU | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    carried, refused, share = 0.0, given.share, given.share
    for _ in range(STEPS):
        run = _run(share, given, bodies)
        paces = " | ".join(f"{run.pace(signal):.2f}" for signal in WHOLE)
        told = f"{'yes' if run.is_carried else 'no'} | {paces} | {run.cpu_share:.0%}"
        print(f"| {share:.3f} | {told} | {run.cost.resident_bytes / 2**20:,.0f} |", flush=True)
        if run.is_carried:
            carried = share
        else:
            refused = share
        if carried == given.share:
            break
        share = (carried + refused) / 2
    print(f"greatest share carried: {carried:.3f}")
    return carried > 0


def _bodies(folder: Path) -> dict[str, Path]:
    cases = {signal: ingest.Case(signal, "grpc", ITEMS, "identity") for signal in WHOLE}
    return {signal: ingest.write_bodies(case, folder / signal) for signal, case in cases.items()}


def _run(share: float, given: argparse.Namespace, bodies: Mapping[str, Path]) -> Run:
    with tempfile.TemporaryDirectory(prefix="goldeneye-mixed-", dir=given.folder) as folder:
        server = GoldeneyeProcess(Path(folder) / "data").start()
        try:
            return _loaded(server, bodies, share, given)
        finally:
            server.stop()


def _loaded(
    server: GoldeneyeProcess, bodies: Mapping[str, Path], share: float, given: argparse.Namespace
) -> Run:
    sampler, start_s = Sampler(server.process.pid), time.monotonic()
    readers = Readers(server.api_url, server.grpc_endpoint, given.readers, given.pause)

    def send(signal: str) -> dict[str, Any]:
        rate = WHOLE[signal] * share / ITEMS
        load = ingest.Load(CONNECTIONS, IN_FLIGHT, given.seconds, rate, becomes_now_ns=LATEST_NS)
        case = ingest.Case(signal, "grpc", ITEMS, "identity")
        return ingest.send(case, load, bodies[signal], server.grpc_endpoint)

    try:
        with ThreadPoolExecutor(len(WHOLE)) as pool:
            sent = dict(zip(WHOLE, pool.map(send, WHOLE), strict=True))
    finally:
        readers.stop()
    cost, elapsed_s = sampler.stop(), time.monotonic() - start_s
    counted = {signal: _count(server, table) for signal, table in TABLES.items()}
    return Run(share, given.seconds, sent, counted, readers, cost, elapsed_s)


def _count(server: GoldeneyeProcess, table: str) -> int:
    return int(server.sql(f"SELECT count(*) AS items FROM {table}")[0]["items"])


def _tell(run: Run) -> None:
    print(
        "| signal | wanted a second | acknowledged | of the pace | p50 ms | p99 ms | refused |",
        end="",
    )
    print(" not found by SQL |\n|---|---|---|---|---|---|---|---|")
    for signal, found in run.sent.items():
        wanted = f"{WHOLE[signal] * run.share:,.0f} | {run.acknowledged(signal):,}"
        times = f"{run.pace(signal):.3f} | {found['p50_ms']:.1f} | {found['p99_ms']:.1f}"
        print(
            f"| {signal} | {wanted} | {times} | {found['refused'] or 0} | {run.missing(signal)} |"
        )
    print("\n| question | asked | p50 ms | p95 ms | failed |\n|---|---|---|---|---|")
    for name, asked in run.readers.asked.items():
        print(asked.row(name))
    memory = f"{run.cost.resident_bytes / 2**20:,.0f} MiB at the most"
    carried = "carried" if run.is_carried else "not carried"
    print(f"\nshare {run.share:g}: {carried}; {memory}, {run.cpu_share:.0%} of the CPU")


if __name__ == "__main__":
    sys.exit(main())
