"""`goldeneye check FILE…`: is the configuration usable?"""

import sys
from collections.abc import Sequence
from pathlib import Path

from goldeneye.config_file import load
from goldeneye.errors import ConfigurationError


def check(files: Sequence[Path]) -> int:
    """Print a line a file; 0 where all are good."""
    good = True
    for file in files:
        try:
            load(file, {}, environment={})
            print(f"{file}: ok")
        except ConfigurationError as error:
            good = False
            print(error, file=sys.stderr)
    return 0 if good else 1
