"""What people decided, as it is at one instant, also while a server writes it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from goldeneye.errors import StorageUnavailable
from goldeneye.state_file import FILE_NAME

_BUSY_TIMEOUT_S: Final = 10.0


def copied(data_dir: Path, where: Path) -> Iterator[Path]:
    """A copy in the folder `where`, where there is something. Raises StorageUnavailable."""
    path = data_dir / FILE_NAME
    if not path.exists():
        return
    try:
        source = sqlite3.connect(f"{path.as_uri()}?mode=ro", _BUSY_TIMEOUT_S, uri=True)
        with closing(source), closing(sqlite3.connect(where / FILE_NAME)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise StorageUnavailable(f"{path}: cannot be copied: {error}") from error
    yield where / FILE_NAME
