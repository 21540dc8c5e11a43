"""How much memory the server takes for requests that are made to take much.

    python benchmarks/memory.py [WORD…]

Each case has a fresh server over an empty folder; with words, only cases whose name has them all.
The peak is of the server's own process (VmHWM), with what it takes before the first request, and
until it has stopped: with the rows' way into files. The last line is the highest peak; the exit
code is 0 only where each is under the bound and each request was answered as it should be.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.heavy_requests import HEAVY, PEAK_MAX_MIB, Heavy  # noqa: E402
from support.server import GoldeneyeProcess  # noqa: E402


def main() -> int:
    words = sys.argv[1:]
    cases = {name: heavy for name, heavy in HEAVY.items() if all(word in name for word in words)}
    print("| sent | body, KiB | answered | s | peak, MiB |")
    print("|---|---|---|---|---|")
    measured = [_measure(name, heavy) for name, heavy in cases.items()]
    peak_mib = max(peak for peak, _ in measured)
    print(f"peak {peak_mib:,} MiB, bound {PEAK_MAX_MIB:,} MiB")
    return 0 if peak_mib <= PEAK_MAX_MIB and all(right for _, right in measured) else 1


def _measure(name: str, heavy: Heavy) -> tuple[int, bool]:
    """The peak in MiB, and whether all answers were as they should be."""
    with tempfile.TemporaryDirectory(prefix="goldeneye-memory-") as folder:
        server = GoldeneyeProcess(Path(folder) / "data").start()
        try:
            started_s = time.perf_counter()
            answers = heavy.send(server.http_endpoint)
            seconds = time.perf_counter() - started_s
            server.flushed()
            peak_mib = server.peak_memory_bytes() >> 20
        finally:
            server.stop()
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    body_kib = len(heavy.make()) >> 10
    print(f"| {name} | {body_kib:,} | {told} | {seconds:.1f} | {peak_mib:,} |", flush=True)
    return peak_mib, set(answers) <= heavy.statuses


if __name__ == "__main__":
    sys.exit(main())
