"""A few kills in every test run; `make crash KILLS=1000` for many."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from crash import crash


def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path) -> None:
    acknowledged, lost, doubled = crash(kills=4, seed=1, folder=tmp_path)
    assert acknowledged > 0
    assert (lost, doubled) == (0, 0)
