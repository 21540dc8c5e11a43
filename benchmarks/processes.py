"""What a process and its children cost: CPU seconds and resident memory (Linux)."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    cpu_s: float
    resident_bytes: int


def cost(pid: int) -> Cost:
    """Of the process and all that it has started; shared pages count once."""
    cpu_s, resident_bytes = 0.0, 0
    for one in family(pid):
        after_name = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        cpu_s += (int(after_name[11]) + int(after_name[12])) / _TICKS
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                resident_bytes += int(line.split()[1]) * 1024
    return Cost(cpu_s, resident_bytes)


def family(pid: int) -> Iterator[int]:
    """The process, its children, and theirs."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from family(int(child))


def folder_bytes(folder: Path) -> int:
    """What a folder takes on disk; a file with several names counts once."""
    found = [os.stat(Path(path) / name) for path, _, names in os.walk(folder) for name in names]
    return sum({one.st_ino: one.st_blocks * 512 for one in found}.values())
