"""`goldeneye backup DIR`: a copy from which a server can start."""

import sys
from pathlib import Path

from storage.backup.backup import back_up


def backup(target: Path, data_dir: Path) -> int:
    """Print what was taken; raises GoldeneyeError where nothing was."""
    found = back_up(data_dir.absolute(), target.absolute())
    for path in found.missing:
        print(f"goldeneye: {path}: is missing, also in the backup", file=sys.stderr)
    print(found)
    return 0
