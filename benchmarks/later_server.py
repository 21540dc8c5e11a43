"""`goldeneye` with another clock than the machine's, so that a folder made before is of today.

python benchmarks/later_server.py OFFSET_NS [LIMIT=NUMBER …] serve --data-dir DIR
"""

import sys
import time

import goldeneye.server
from goldeneye import cli, limits
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
    while "=" in sys.argv[1]:
        name, _, number = sys.argv.pop(1).partition("=")
        assert hasattr(limits, name), name
        setattr(limits, name, int(number))
    cli.main()


if __name__ == "__main__":
    main()
