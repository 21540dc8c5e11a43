"""Where the server's CPU time goes at full rate, by stage.

    python benchmarks/stages.py [--signal traces] [--items 1 64 512 8192] [--seconds 8]

Each row has a fresh server that takes what benchmarks/loadgen sends at once and writes it to files;
the time is that of all its threads and processes, from /proc, from the first request until the
last row is in a file. WAL, derivation and the writing of files are clocked (staged_server.py),
since they share threads with others: `publishing` is what else the commit does, `flushing` what
else the flush. Shares are of the server's CPU time. `busiest` is the thread that was running for
the most of the time in which was sent.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import ingest
import processes
from support.server import GoldeneyeProcess

SCRIPT: Final = Path(__file__).with_name("staged_server.py")
STAGES: Final = (
    *("event loop", "gRPC poller", "gRPC engine", "decoding", "WAL", "publishing"),
    *("derivation", "file writing", "flushing", "merging", "query workers", "other"),
)
HEAD: Final = ("signal", "items a body", "items/s", "CPU s/M items", "cores busy", "busiest")
# By the begin of a thread's name.
OF_THREADS: Final = {
    "Thread-1 (_poll": "gRPC poller",
    "event loop": "event loop",
    "event_engine": "gRPC engine",
    "grpc_": "gRPC engine",
    "lifeguard": "gRPC engine",
    "uvloop": "event loop",
    "decode": "decoding",
    "commit": "publishing",
    "flush": "flushing",
    "maintenance": "merging",
    "query-workers": "query workers",
}
OF_STEPS: Final = {"wal": "WAL", "derivation": "derivation", "flush": "file writing"}
# In half a second.
AT_REST_S: Final = 0.05
# Only merging has processes that end.
ENDED: Final = "storage.compaction.worker"
OF_PROCESSES: Final = {"query.worker": "query workers", ENDED: "merging"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--signal", nargs="+", default=["traces"])
    parser.add_argument("--items", nargs="+", type=int, default=[1, 64, 512, 8192])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--in-flight", type=int, default=8, help="requests a connection")
    parser.add_argument("--folder", type=Path, help="where data folders are made")
    given = parser.parse_args()
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=ingest.LOADGEN, check=True)
    print(f"| {' | '.join((*HEAD, *STAGES))} |\n|{'---|' * (len(HEAD) + len(STAGES))}")
    load = ingest.Load(given.connections, given.in_flight, given.seconds, rate=0.0)
    for signal in given.signal:
        for items in given.items:
            with tempfile.TemporaryDirectory(prefix="goldeneye-stages-", dir=given.folder) as made:
                case = ingest.Case(signal, "grpc", items, "identity")
                print(_row(case, load, Path(made)), flush=True)


def _row(case: ingest.Case, load: ingest.Load, folder: Path) -> str:
    bodies = ingest.write_bodies(case, folder / "bodies")
    steps_file = folder / "steps.json"
    server = GoldeneyeProcess(folder / "data", program=(str(SCRIPT), str(steps_file))).start()
    try:
        _await_rest(server.process.pid)
        before = Counter(dict(_threads(server.process.pid)))
        found = ingest.send(case, load, bodies, server.grpc_endpoint)
        busiest = _since(before, server)
        server.flushed()
        taken_s = _since(before, server)
    finally:
        server.stop()
    items = found["acknowledged"] * case.items
    name, most_s = max(busiest.items(), key=lambda one: one[1])
    shares = _stages(taken_s, json.loads(steps_file.read_text()))
    whole_s = sum(shares.values())
    cells = [
        *(case.signal, f"{case.items:,}", f"{items / found['elapsed_s']:,.0f}"),
        f"{whole_s / items * 1e6:.2f}",
        f"{sum(busiest.values()) / found['elapsed_s']:.2f}",
        f"{_stage(name)}, {most_s / found['elapsed_s']:.0%}",
        *(f"{shares[stage] / whole_s:.1%}" for stage in STAGES),
    ]
    return "| " + " | ".join(cells) + " |"


def _await_rest(pid: int) -> None:
    """Until the query workers have started as well."""
    taken_s = -1.0
    while (now_s := processes.cost(pid).cpu_s) > taken_s + AT_REST_S:
        taken_s = now_s
        time.sleep(0.5)


def _since(before: Mapping[str, float], server: GoldeneyeProcess) -> dict[str, float]:
    now = dict(_threads(server.process.pid))
    return {name: max(0.0, now_s - before.get(name, 0.0)) for name, now_s in now.items()}


def _threads(pid: int) -> Iterator[tuple[str, float]]:
    """CPU seconds of the server's threads by name and id, and of its children as wholes."""
    yield ENDED, processes.times(Path(f"/proc/{pid}")).children_s
    for task in Path(f"/proc/{pid}/task").iterdir():
        times = processes.times(task)
        name = "event loop" if task.name == str(pid) else times.name
        yield f"{name}/{task.name}", times.own_s
    for child in processes.family(pid):
        if child != pid:
            command = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
            module = next((one for one in OF_PROCESSES if one in command), "")
            yield f"{module}/{child}", processes.times(Path(f"/proc/{child}")).own_s


def _stage(thread: str) -> str:
    stages = {**OF_THREADS, **OF_PROCESSES}
    return next((stage for name, stage in stages.items() if thread.startswith(name)), "other")


def _stages(
    taken_s: Mapping[str, float], steps_s: Mapping[str, Mapping[str, float]]
) -> Counter[str]:
    """CPU seconds by stage: the clocked steps are taken from the threads in which they were."""
    found: Counter[str] = Counter()
    for thread, seconds in taken_s.items():
        found[_stage(thread)] += seconds  # type: ignore[assignment]
    for thread, steps in steps_s.items():
        for step, seconds in steps.items():
            found[OF_STEPS[step]] += seconds  # type: ignore[assignment]
            found[_stage(thread)] -= seconds  # type: ignore[assignment]
    return found


if __name__ == "__main__":
    main()
