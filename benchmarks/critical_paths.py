"""How long the walk over many traces takes: by the native core, and in plain Python.

    python benchmarks/critical_paths.py [--traces 10000] [--spans 50] [--runs 20]

Traces are random trees whose siblings follow one another, touch and overlap. CPU is that of the
process, which says on a busy machine what the times would be on a quiet one.
"""

import argparse
import random
import time
from collections.abc import Callable
from typing import Final

import pyarrow as pa

from query.bottlenecks import kernel, slow
from query.bottlenecks.columns import Spans

_OPERATIONS: Final = 12
_LENGTH_NS: Final = 10**9


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--traces", type=int, default=10_000)
    parser.add_argument("--spans", type=int, default=50, help="of each trace")
    parser.add_argument("--runs", type=int, default=20)
    arguments = parser.parse_args()
    spans = _spans(arguments.traces, arguments.spans, random.Random(1))
    numbers = pa.array([row % _OPERATIONS for row in range(len(spans.ids))], pa.int32())
    failed = pa.array([row % 20 == 0 for row in range(len(spans.ids))], pa.bool_())
    print(f"{arguments.traces:,} traces of {arguments.spans} spans")
    print("| walk | best, ms | median, ms | median CPU, ms |")
    print("|---|---|---|---|")
    both = (spans, numbers, failed, 0.0)
    runs = arguments.runs
    if kernel.IS_NATIVE:
        _row("sections, native", runs, lambda: kernel.critical_paths(spans, 0.0))
        _row("by operation, native", runs, lambda: kernel.critical_path_operations(*both))
    _row("sections, plain Python", 1, lambda: slow.critical_paths(spans, 0.0))
    _row("by operation, plain Python", 1, lambda: slow.critical_path_operations(*both))


def _row(name: str, runs: int, work: Callable[[], object]) -> None:
    took = []
    for _ in range(runs):
        started_s, cpu_s = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - started_s, time.process_time() - cpu_s))
    walls, cpus = (sorted(one) for one in zip(*took, strict=True))
    middle = runs // 2
    print(
        f"| {name} | {walls[0] * 1e3:.0f} | {walls[middle] * 1e3:.0f} | {cpus[middle] * 1e3:.0f} |"
    )


def _spans(traces: int, spans: int, chance: random.Random) -> Spans:
    ids: list[str] = []
    parents: list[str | None] = []
    times: list[tuple[int, int]] = []
    for _ in range(traces):
        own = [(0, _LENGTH_NS)]
        names = [f"{chance.getrandbits(64):016x}" for _ in range(spans)]
        parents.append(None)
        for place in range(1, spans):
            parent = chance.randrange(place)
            first_ns, last_ns = own[parent]
            start_ns = chance.randrange(first_ns, last_ns)
            own.append((start_ns, chance.randrange(start_ns, last_ns) + 1))
            parents.append(names[parent])
        ids += names
        times += own
    starts, ends = zip(*times, strict=True)
    return Spans(
        pa.array(range(0, len(ids) + 1, spans), pa.int32()),
        pa.array(ids, pa.string()),
        pa.array(parents, pa.string()),
        pa.array(starts, pa.int64()),
        pa.array(ends, pa.int64()),
        pa.array(["server", "client"] * (len(ids) // 2) + ["client"] * (len(ids) % 2)),
        pa.nulls(traces, pa.string()),
    )


if __name__ == "__main__":
    main()
