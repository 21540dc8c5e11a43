"""`goldeneye` whose clock says NOW_NS at its start, so that a folder made before is of today.

python benchmarks/later_server.py NOW_NS serve --data-dir DIR
"""

import sys
import time

import goldeneye.server
from goldeneye import cli
from goldeneye.clock import SystemClock


class LaterClock(SystemClock):
    """The machine's clock, moved by so many nanoseconds."""

    def __init__(self, offset_ns: int) -> None:
        self._offset_ns = offset_ns

    def now_ns(self) -> int:
        return time.time_ns() + self._offset_ns


def main() -> None:
    offset_ns = int(sys.argv.pop(1)) - time.time_ns()
    goldeneye.server.SystemClock = lambda: LaterClock(offset_ns)  # type: ignore[misc, assignment]
    cli.main()


if __name__ == "__main__":
    main()
