"""The catalog: one SQLite file that names what exists. One transaction makes a flush visible."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np

from goldeneye.errors import StartupError
from goldeneye.snapshot import FileEntry
from storage.partitions import Partition
from storage.series_index import Day, Identities

FILE_NAME: Final = "catalog.sqlite"
VERSION: Final = 1
Fate = Literal["covered", "quarantined"]
_INSERT_FILE: Final = (
    "INSERT INTO files VALUES (:id, :table, :tenant, :day, :hour, :row_count, :size_bytes, "
    ":min_time_ns, :max_time_ns, (SELECT id FROM column_sets WHERE columns = :columns), :strays)"
)


@dataclass(frozen=True)
class CatalogFile:
    """A file and the partition it lies in."""

    entry: FileEntry
    partition: Partition


class Catalog:
    """Thread-safe. Raises StartupError at opening where the file is damaged or too new."""

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path = path
        self._files_folder = path.parent / "files"
        self._lock = threading.Lock()
        new = not path.exists()
        uri = f"{path.as_uri()}?mode={'ro' if read_only else 'rwc'}"
        try:
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            if new:
                self._create()
            self._connection.execute("PRAGMA synchronous = FULL")
            (version,) = self._connection.execute("SELECT version FROM format").fetchone()
            (healthy,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        except (sqlite3.DatabaseError, TypeError) as error:
            raise damaged(path, str(error)) from error
        if version != VERSION:
            raise StartupError(
                f"{path} has version {version}; this Goldeneye reads {VERSION}. "
                "Use the Goldeneye that wrote it, or a newer one."
            )
        if healthy != "ok":
            raise damaged(path, healthy)

    def _create(self) -> None:
        script = package_files("storage").joinpath("schema.sql").read_text(encoding="utf-8")
        self._connection.execute("PRAGMA journal_mode = WAL")
        with self._connection:
            self._connection.executescript(f"BEGIN;\n{script}")
            self._connection.execute("INSERT INTO format VALUES (?)", [VERSION])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def commit(
        self,
        files: Sequence[CatalogFile],
        segments: Mapping[int, Fate],
        series: Mapping[Day, Identities] | None = None,
    ) -> None:
        """Name the files and what became of the segments, in one durable transaction."""
        with self._lock, self._connection:
            for file in files:
                columns = json.dumps(file.entry.columns)
                self._connection.execute(
                    "INSERT OR IGNORE INTO column_sets (columns) VALUES (?)", [columns]
                )
                self._connection.execute(_INSERT_FILE, _row(file, columns))
            self._connection.executemany(
                "INSERT OR REPLACE INTO segments VALUES (?, ?)", list(segments.items())
            )
            self._connection.executemany(
                "INSERT INTO series VALUES (?, ?, ?, ?)",
                [
                    (tenant, day, found.ids.tobytes(), found.checks.tobytes())
                    for (tenant, day), found in (series or {}).items()
                ],
            )

    def files(self) -> list[CatalogFile]:
        """Every file, oldest first. Equal column sets are one object."""
        with self._lock:
            sets = self._connection.execute("SELECT id, columns FROM column_sets").fetchall()
            rows = self._connection.execute(
                'SELECT id, "table", tenant, day, hour, row_count, size_bytes, min_time_ns, '
                "max_time_ns, column_set, strays FROM files ORDER BY rowid"
            ).fetchall()
        columns = {number: tuple(map(tuple, json.loads(text))) for number, text in sets}
        return [self._file(row, columns) for row in rows]

    def _file(
        self, row: Sequence[object], columns: Mapping[object, tuple[tuple[str, str], ...]]
    ) -> CatalogFile:
        (id_, table, tenant, day, hour, *numbers, column_set, strays) = row
        row_count, size_bytes, min_time_ns, max_time_ns = map(_integer, numbers)
        entry = FileEntry(
            id=str(id_),
            table=str(table),
            tenant=str(tenant),
            path=str(file_path(self._files_folder, str(id_))),
            row_count=row_count,
            size_bytes=size_bytes,
            min_time_ns=min_time_ns,
            max_time_ns=max_time_ns,
            columns=columns[column_set],
            strays=frozenset(json.loads(str(strays))),
        )
        return CatalogFile(entry, Partition(_integer(day), _integer(hour)))

    def segments(self) -> dict[int, Fate]:
        """Segments that must not be replayed; the greatest is remembered for ever."""
        with self._lock:
            return dict(self._connection.execute("SELECT number, fate FROM segments").fetchall())

    def forget_segments(self, numbers: Iterable[int]) -> None:
        """Segments that are deleted need no line, but the greatest number keeps its own."""
        with self._lock, self._connection:
            self._connection.executemany(
                "DELETE FROM segments WHERE number = ? "
                "AND number < (SELECT max(number) FROM segments)",
                [(number,) for number in numbers],
            )

    def series(self, tenant: str, day: int) -> Identities:
        """The series of a day that have their row in a file."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT ids, checks FROM series WHERE tenant = ? AND day = ?", [tenant, day]
            ).fetchall()
        found = Identities()
        if rows:
            ids = np.frombuffer(b"".join(row[0] for row in rows), "<u8")
            checks = np.frombuffer(b"".join(row[1] for row in rows), "<u8")
            found = found.union(ids, checks)
        return found


def damaged(path: Path, reason: str) -> StartupError:
    """The refusal to start without a catalog that can be trusted."""
    return StartupError(
        f"{path}: the catalog cannot be read ({reason}). Nothing was deleted. "
        f"Make it anew from the files: goldeneye verify --data-dir {path.parent} --rebuild-catalog"
    )


def file_path(folder: Path, file_id: str) -> Path:
    return folder / f"{file_id}.parquet"


def _row(file: CatalogFile, columns: str) -> dict[str, object]:
    entry = file.entry
    return {
        **entry._asdict(),
        "day": file.partition.day,
        "hour": file.partition.hour,
        "columns": columns,
        "strays": json.dumps(sorted(entry.strays)),
    }


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no integer")
    return value
