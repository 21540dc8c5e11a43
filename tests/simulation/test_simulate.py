"""A few seeds in every test run, `make simulate SEEDS=1000` for many; and that seeds can fail."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from simulate import simulate
from support.simulation.disk import SimulatedDisk

SEEDS = 30
_MOST_SEEDS_TO_FAIL = 40


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_was_acknowledged_is_there_once(seed: int) -> None:
    assert simulate(seed) is None


def test_a_seed_replays() -> None:
    first: list[str] = []
    second: list[str] = []
    for trace in (first, second):
        simulate(7, trace.append)
    assert len(first) > 100
    assert first == second


class DataNotSynced(SimulatedDisk):
    """Says that the bytes of a file are durable, and they are not."""

    def sync_data(self, fd: int) -> None:
        self._operation("sync nothing", lambda: None)


class NamesNotSynced(SimulatedDisk):
    """Says that the names in a folder are durable, and they are not."""

    def sync_folder(self, path: Path) -> None:
        self._operation("sync nothing", lambda: None)


class CommittedBeforeNamed(SimulatedDisk):
    """Lets files get their names only after the catalog's commit, as a wrong order would."""

    _late: tuple[tuple[Path, Path], ...] = ()

    def rename(self, source: Path, target: Path) -> None:
        if target.parent.name == "files":
            self._late += ((source, target),)
        else:
            super().rename(source, target)

    def make_folders(self, path: Path) -> None:
        self._name_late_ones()
        super().make_folders(path)

    def link(self, source: Path, target: Path) -> None:
        self._name_late_ones()
        super().link(source, target)

    def crash(self, power_cut: bool) -> None:
        self._late = ()
        super().crash(power_cut)

    def _name_late_ones(self) -> None:
        late, self._late = self._late, ()
        for source, target in late:
            super().rename(source, target)


@pytest.mark.parametrize("disk", [DataNotSynced, NamesNotSynced, CommittedBeforeNamed])
def test_what_is_wrong_is_found(disk: type[SimulatedDisk]) -> None:
    assert any(simulate(seed, disk=disk) is not None for seed in range(_MOST_SEEDS_TO_FAIL))
