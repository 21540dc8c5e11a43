"""The file of the alert engine's state, and its transactions."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from goldeneye.errors import StorageUnavailable
from goldeneye.sql_files import sql
from goldeneye.state_file import FILE_NAME

_BUSY_TIMEOUT_S: Final = 10.0


class Database:
    """Thread-safe. What a transaction did is there after a power cut, whole, or not at all."""

    def __init__(self, data_dir: Path) -> None:
        """Raises StorageUnavailable."""
        self._path = data_dir / FILE_NAME
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                self._path, _BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_sql("create"))
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that `write` does within is kept together, or nothing where it raises.

        Raises StorageUnavailable. Within another transaction it is a part of that.
        """
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise self._unavailable(error) from error

    def write(self, statement: str, values: Sequence[object] = ()) -> None:
        """One statement of the folder `sql`, by name. Raises StorageUnavailable."""
        with self.transaction():
            self._connection.execute(_sql(statement), values)

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of one statement, by name. Raises StorageUnavailable."""
        with self._lock:
            try:
                return self._connection.execute(_sql(statement), values).fetchall()
            except sqlite3.Error as error:
                raise self._unavailable(error) from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _unavailable(self, error: sqlite3.Error) -> StorageUnavailable:
        return StorageUnavailable(f"{self._path}: {error}")


def _sql(name: str) -> str:
    return sql("alerting.state", name)
