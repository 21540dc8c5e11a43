"""What people decided of groups of exceptions: kept in the data folder, durable at once."""

import json
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from goldeneye.errors import StorageUnavailable
from goldeneye.sql_files import sql
from goldeneye.state_file import FILE_NAME

Decision = Literal["resolved", "ignored"]


@dataclass(frozen=True)
class Decided:
    """`versions` are the releases in which the group had been seen by then."""

    decision: Decision
    decided_ns: int
    versions: frozenset[str]


class States:
    """Thread-safe; the file is made when the first decision is kept."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._lock = threading.Lock()

    def all(self) -> Mapping[str, Decided]:
        """By fingerprint. Raises StorageUnavailable where they cannot be read."""
        if not self._path.exists():
            return {}
        with self._lock, closing(self._connected()) as connection:
            try:
                # Others keep theirs in this file too, and a full disk has no room for our table.
                known = connection.execute(_sql("has_states")).fetchone() is not None
                rows = connection.execute(_sql("select_states")).fetchall() if known else []
            except sqlite3.Error as error:
                raise self._unavailable(error) from error
        return {
            fingerprint: Decided(decision, decided_ns, frozenset(json.loads(versions)))
            for fingerprint, decision, decided_ns, versions in rows
        }

    def decide(self, fingerprint: str, decided: Decided) -> None:
        """Keep it, in place of what was decided before. Raises StorageUnavailable."""
        versions = json.dumps(sorted(decided.versions))
        values = (fingerprint, decided.decision, decided.decided_ns, versions)
        self._write("replace_state", values)

    def forget(self, fingerprint: str) -> None:
        """The group is open again. Raises StorageUnavailable."""
        self._write("delete_state", (fingerprint,))

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with self._lock, closing(self._connected()) as connection:
            try:
                # Syncs the folder too when its journal goes: a decision is never taken back.
                connection.execute("PRAGMA synchronous = EXTRA")
                connection.execute(_sql("create_states"))
                with connection:
                    connection.execute(_sql(statement), values)
            except sqlite3.Error as error:
                raise self._unavailable(error) from error

    def _connected(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(self._path, timeout=10.0)
        except sqlite3.Error as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: sqlite3.Error) -> StorageUnavailable:
        return StorageUnavailable(f"{self._path}: {error}")


def _sql(name: str) -> str:
    return sql("query.exceptions", name)
