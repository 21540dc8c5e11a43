"""How much a server takes in and acknowledges, with a sender on the same machine.

    python benchmarks/ingest.py [--signal traces] [--items 512] [--seconds 10] …
    python benchmarks/ingest.py --server goldeneye empty                   # and the ceiling
    python benchmarks/ingest.py --target 127.0.0.1:4317 --transport grpc   # any OTLP server
    python benchmarks/ingest.py --commits HEAD~5 HEAD --rounds 3           # in turn

Each row has a fresh server and data folder; bodies differ from each other. The sender is
`benchmarks/loadgen` (Rust): its ceiling, against a server that keeps nothing, is the row `empty`.
CPU and memory are of all of a server's processes together. With `--seen`, a span is sent and asked
for twice a second: how many were found by the first question, and in what time it was answered.
"""

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import checkouts
import payloads
import processes
from sampling import Sampler
from visibility import Visibility

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.server import GoldeneyeProcess  # noqa: E402

LOADGEN: Final = ROOT / "benchmarks" / "loadgen"
# Bodies in turn: enough that caches and dictionaries see new values all the time.
MAX_BODIES_BYTES: Final = 64 << 20
MAX_BODIES: Final = 2_000
HEAD: Final = (
    *("server", "signal", "transport", "items a body", "requests/s", "items/s", "MB/s"),
    *("p50 ms", "p99 ms", "CPU s/M items", "peak MiB", "bytes an item", "seen", "refused"),
)


@dataclass(frozen=True)
class Case:
    signal: Any
    transport: str
    items: int
    encoding: str


@dataclass(frozen=True)
class Load:
    """`becomes_now_ns` is the time in bodies that is to be the time of sending, 0 to keep all."""

    connections: int
    in_flight: int
    seconds: float
    rate: float
    asks: bool = False
    becomes_now_ns: int = 0


@dataclass(frozen=True)
class Server:
    address: str
    pid: int | None = None
    goldeneye: GoldeneyeProcess | None = None


def main() -> None:
    arguments = _arguments()
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=LOADGEN, check=True)
    load = Load(
        arguments.connections,
        arguments.in_flight,
        arguments.seconds,
        arguments.rate,
        arguments.seen,
    )
    where = Path(arguments.folder or tempfile.gettempdir()) / "goldeneye-commits"
    pythons = {commit: checkouts.python_of(commit, where) for commit in arguments.commits}
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    grid = itertools.product(
        arguments.signal, arguments.transport, arguments.items, arguments.encoding
    )
    for case in itertools.starmap(Case, grid):
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            bodies = write_bodies(case, Path(folder) / "bodies")
            names = [arguments.target] if arguments.target else pythons or arguments.server
            for name in [*names] * arguments.rounds:
                print(_row(name, pythons, case, load, bodies), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--signal", nargs="+", default=["traces", "logs", "metrics"])
    parser.add_argument("--transport", nargs="+", default=["grpc"], help="grpc, http")
    parser.add_argument("--items", nargs="+", type=int, default=[1, 64, 512, 8192])
    parser.add_argument("--encoding", nargs="+", default=["identity"], help="identity, gzip")
    parser.add_argument("--server", nargs="+", default=["goldeneye"], help="goldeneye, empty")
    parser.add_argument("--target", help="host:port of another OTLP server")
    parser.add_argument("--commits", nargs="+", default=[], help="set up in a folder of their own")
    parser.add_argument("--rounds", type=int, default=1, help="how often each server has its turn")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--in-flight", type=int, default=8, help="requests a connection")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rate", type=float, default=0.0, help="requests a second; 0: unbounded")
    parser.add_argument("--seen", action="store_true", help="ask for what was acknowledged")
    parser.add_argument("--folder", default=None, help="where data folders are made")
    return parser.parse_args()


def write_bodies(case: Case, path: Path, offset_ns: int = 0) -> Path:
    """A file of distinct bodies, each behind its length; `offset_ns` as payloads.body has it."""
    size_bytes = 0
    with path.open("wb") as file:
        for seed in range(MAX_BODIES):
            body = payloads.body(case.signal, "protobuf", case.items, seed, offset_ns)
            body = payloads.compressed(body, case.encoding)
            file.write(len(body).to_bytes(4, "little") + body)
            size_bytes += len(body)
            if size_bytes > MAX_BODIES_BYTES:
                break
    return path


@contextmanager
def _server(name: str, python: str, case: Case, folder: Path) -> Iterator[Server]:
    if ":" in name:
        yield Server(name)
    elif name == "empty":
        script = ROOT / "benchmarks" / "empty_server.py"
        process = subprocess.Popen([sys.executable, script, "14317"])
        time.sleep(1.5)
        yield Server("127.0.0.1:14317", process.pid)
        process.terminate()
        process.wait()
    else:
        goldeneye = GoldeneyeProcess(folder / "data", python=python).start()
        grpc, http = goldeneye.grpc_endpoint, goldeneye.http_endpoint.rpartition("/")[2]
        address = grpc if case.transport == "grpc" else http
        yield Server(address, goldeneye.process.pid, goldeneye)
        goldeneye.stop()


def _row(name: str, pythons: dict[str, str], case: Case, load: Load, bodies: Path) -> str:
    with tempfile.TemporaryDirectory(dir=bodies.parent) as folder:
        python = pythons.get(name, sys.executable)
        with _server(name, python, case, Path(folder)) as server:
            return _measured(name, case, load, bodies, server)


def _measured(name: str, case: Case, load: Load, bodies: Path, server: Server) -> str:
    own, sampler = server.goldeneye, Sampler(server.pid)
    visibility = Visibility(own.grpc_endpoint, own.api_url) if own and load.asks else None
    found = send(case, load, bodies, server.address)
    seen = visibility.stop() if visibility else ""
    cost = sampler.stop()
    items = found["acknowledged"] * case.items
    per_item = f"{_disk_bytes(own) / items:.0f}" if own and items else ""
    cells = [
        name,
        case.signal,
        case.transport + ("" if case.encoding == "identity" else f" {case.encoding}"),
        f"{case.items:,}",
        f"{found['acknowledged'] / found['elapsed_s']:,.0f}",
        f"{items / found['elapsed_s']:,.0f}",
        f"{found['bytes'] / found['elapsed_s'] / 1e6:,.1f}",
        f"{found['p50_ms']:.1f}",
        f"{found['p99_ms']:.1f}",
        f"{cost.cpu_s / items * 1e6:.2f}" if items else "",
        f"{cost.resident_bytes / 2**20:,.0f}",
        per_item,
        seen,
        json.dumps(found["refused"]) if found["refused"] else "0",
    ]
    return "| " + " | ".join(cells) + " |"


def send(case: Case, load: Load, bodies: Path, address: str) -> dict[str, Any]:
    words = [case.transport, address, case.signal, bodies, load.connections, load.in_flight]
    words += [load.seconds, load.rate, case.encoding, load.becomes_now_ns]
    sender = LOADGEN / "target" / "release" / "loadgen"
    ended = subprocess.run(
        [str(sender), *map(str, words)], check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def _disk_bytes(goldeneye: GoldeneyeProcess) -> int:
    """Once the last segment is in files."""
    goldeneye.flushed()
    return processes.folder_bytes(goldeneye.data_dir / "files")


if __name__ == "__main__":
    main()
