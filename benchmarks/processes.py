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


@dataclass(frozen=True)
class Times:
    """CPU seconds; `children_s` are those of child processes that have ended."""

    name: str
    own_s: float
    children_s: float


def cost(pid: int) -> Cost:
    """Of the process and all that it has started; shared pages count once.

    The CPU time of a child that ended, as the merge of files does, is its parent's.
    """
    found = [_of_one(one) for one in family(pid)]
    return Cost(sum(one.cpu_s for one in found), sum(one.resident_bytes for one in found))


def _of_one(pid: int) -> Cost:
    """Nothing of a process that has ended meanwhile."""
    own = times(Path(f"/proc/{pid}"))
    try:
        memory = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return Cost(0.0, 0)
    pss = sum(int(line.split()[1]) for line in memory.splitlines() if line.startswith("Pss:"))
    return Cost(own.own_s + own.children_s, pss * 1024)


def times(folder: Path) -> Times:
    """Of a process or a thread, by its folder in /proc; nothing where it has ended."""
    try:
        before, _, after = (folder / "stat").read_text().rpartition(") ")
    except (FileNotFoundError, ProcessLookupError):
        return Times("", 0.0, 0.0)
    user, system, children_user, children_system = map(int, after.split()[11:15])
    name = before.partition("(")[2]
    return Times(name, (user + system) / _TICKS, (children_user + children_system) / _TICKS)


def family(pid: int) -> Iterator[int]:
    """The process, its children, and theirs."""
    yield pid
    try:
        tasks = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
        children = " ".join(task.read_text() for task in tasks)
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children.split():
        yield from family(int(child))


def folder_bytes(folder: Path) -> int:
    """What a folder takes on disk; a file with several names counts once."""
    found = [os.stat(Path(path) / name) for path, _, names in os.walk(folder) for name in names]
    return sum({one.st_ino: one.st_blocks * 512 for one in found}.values())
