"""Let the storage live and die on a simulated disk, one seed after another.

    python tests/simulation/simulate.py --seeds 200 [--first 0]
    python tests/simulation/simulate.py --seed 17

With `--seed` that seed alone, with its trace of operations. The last line is
`N seeds, N failed`; the exit code is 0 only where none did.
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.simulation.disk import SimulatedDisk, Trace
from support.simulation.run import Missed, Simulation, silence

_MEMORY = Path("/dev/shm")


def _nothing(_: str) -> None:
    """No trace."""


def simulate(
    seed: int, trace: Trace = _nothing, disk: type[SimulatedDisk] = SimulatedDisk
) -> str | None:
    """What the seed's storage did wrong."""
    where = _MEMORY if _MEMORY.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix="goldeneye-simulation-", dir=where) as folder,
        silence(),
    ):
        try:
            Simulation(seed, Path(folder), disk, trace).run()
        except Missed as missed:
            return str(missed)
        except Exception:
            return traceback.format_exc()
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    if arguments.seed is not None:
        seeds, trace = range(arguments.seed, arguments.seed + 1), print
    else:
        seeds, trace = range(arguments.first, arguments.first + arguments.seeds), _nothing
    failed, begun_s = 0, time.monotonic()
    for seed in seeds:
        if (missed := simulate(seed, trace)) is not None:
            failed += 1
            print(f"seed {seed}: {missed}\n  replay: make simulate SEED={seed}", flush=True)
    print(f"{time.monotonic() - begun_s:.0f} s")
    print(f"{len(seeds)} seeds, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
