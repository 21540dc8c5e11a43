"""`goldeneye` with another clock than the machine's, so that a folder made before is of today.

python benchmarks/later_server.py OFFSET_NS serve --data-dir DIR
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
    offset_ns = int(sys.argv.pop(1))
    goldeneye.server.SystemClock = lambda: LaterClock(offset_ns)  # type: ignore[misc, assignment]
    cli.main()


if __name__ == "__main__":
    main()
