"""The catalog: one SQLite file that names what exists. One transaction makes a flush visible."""

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np

from goldeneye.errors import StartupError
from goldeneye.schemas import PROMOTED_PREFIXES
from goldeneye.snapshot import FileEntry
from goldeneye.sql_files import sql
from storage.identities import Identities, Numbers
from storage.partitions import Partition

FILE_NAME: Final = "catalog.sqlite"
VERSION: Final = 2
Fate = Literal["covered", "quarantined"]


@dataclass(frozen=True)
class SeriesOfDay:
    """The series rows of a file that belong to one day."""

    day: int
    ids: Numbers
    checks: Numbers


@dataclass(frozen=True)
class CatalogFile:
    """A file and the partition it lies in; `series` is given at its commit only.

    `last_segment`: the last segment of the log that it has rows of; `crc32`: of all its bytes
    (zlib), None where nobody has reckoned it.
    """

    entry: FileEntry
    partition: Partition
    last_segment: int
    crc32: int | None
    series: tuple[SeriesOfDay, ...] = ()

    @property
    def max_received_ns(self) -> int:
        return self.entry.max_received_ns


def create(path: Path) -> None:
    """A new, empty catalog."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    with connection:
        connection.executescript(f"BEGIN;\n{_sql('schema')}")
        connection.execute(_sql("insert_version"), [VERSION])
    connection.close()


class Catalog:
    """Thread-safe. Raises StartupError at opening where the file is damaged or too new.

    `files_folder` is where the files lie that it names.
    """

    def __init__(self, path: Path, files_folder: Path) -> None:
        self.path = path
        self._files_folder = files_folder
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, check_same_thread=False
        )
        try:
            self._check(files_folder.parent)
        except BaseException:
            self.close()
            raise

    def _check(self, data_dir: Path) -> None:
        try:
            self._connection.execute("PRAGMA synchronous = FULL")
            (version,) = self._connection.execute(_sql("select_version")).fetchone()
            (healthy,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        except (sqlite3.DatabaseError, TypeError) as error:
            raise damaged(data_dir, str(error)) from error
        if version != VERSION:
            raise StartupError(
                f"{data_dir / FILE_NAME} has version {version}; this Goldeneye reads {VERSION}. "
                "Use the Goldeneye that wrote it, or a newer one."
            )
        if healthy != "ok":
            raise damaged(data_dir, healthy)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def commit(self, files: Sequence[CatalogFile], segments: Mapping[int, Fate]) -> None:
        """Name the files and what became of the segments, in one durable transaction."""
        with self._lock, self._connection:
            for file in files:
                self._insert(file)
            self._connection.executemany(_sql("insert_segment"), list(segments.items()))

    def replace(self, new: CatalogFile, old: Sequence[str], now_ns: int) -> None:
        """One file takes the place of several, in one durable transaction.

        The types of its promoted columns are fixed with it.
        """
        with self._lock, self._connection:
            self._insert(new)
            self._fix_types(_promoted(new.entry.columns))
            self._connection.executemany(
                _sql("list_file_as_removed"), [(now_ns, id_) for id_ in old]
            )

    def series_of(self, ids: Iterable[str]) -> tuple[SeriesOfDay, ...]:
        """The series of these files together, a day each."""
        days: dict[int, list[tuple[bytes, bytes]]] = {}
        with self._lock:
            for id_ in ids:
                found = self._connection.execute(_sql("select_series_of_file"), [id_])
                for day, numbers, checks in found.fetchall():
                    days.setdefault(day, []).append((numbers, checks))
        return tuple(
            SeriesOfDay(
                day,
                np.frombuffer(b"".join(numbers for numbers, _ in parts), "<u8"),
                np.frombuffer(b"".join(checks for _, checks in parts), "<u8"),
            )
            for day, parts in sorted(days.items())
        )

    def _insert(self, file: CatalogFile) -> None:
        columns = json.dumps(file.entry.columns)
        self._connection.execute(_sql("insert_column_set"), [columns])
        self._connection.execute(_sql("insert_file"), _row(file, columns))
        self._connection.executemany(
            _sql("insert_series"),
            [
                (file.entry.id, file.entry.tenant, part.day, _blob(part.ids), _blob(part.checks))
                for part in file.series
            ],
        )

    def files(self, removed: bool = False) -> list[CatalogFile]:
        """Every file that counts, or every one listed as to be deleted; oldest first.

        Equal column sets are one object.
        """
        with self._lock:
            sets = self._connection.execute(_sql("select_column_sets")).fetchall()
            rows = self._connection.execute(_sql("select_files"), [removed]).fetchall()
        columns = {number: tuple(map(tuple, json.loads(text))) for number, text in sets}
        return [self._file(row, columns) for row in rows]

    def _file(
        self, row: Sequence[object], columns: Mapping[object, tuple[tuple[str, str], ...]]
    ) -> CatalogFile:
        (id_, table, tenant, day, hour, *numbers, column_set, strays, promotion) = row[:-3]
        received, last_segment, crc32 = row[-3:]
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
            promotion=str(promotion),
            max_received_ns=_integer(received),
            last_segment=_integer(last_segment),
        )
        return CatalogFile(
            entry,
            Partition(_integer(day), _integer(hour)),
            _integer(last_segment),
            None if crc32 is None else _integer(crc32),
        )

    def list_as_removed(self, ids: Iterable[str], now_ns: int) -> None:
        """The files count no longer, and are deleted when nobody can hold them any more."""
        with self._lock, self._connection:
            self._connection.executemany(
                _sql("list_file_as_removed"), [(now_ns, id_) for id_ in ids]
            )

    def forget_files(self, ids: Iterable[str]) -> None:
        """The files are deleted."""
        with self._lock, self._connection:
            for id_ in ids:
                self._connection.execute(_sql("delete_series"), [id_])
                self._connection.execute(_sql("delete_file"), [id_])

    def segments(self) -> dict[int, Fate]:
        """Segments that must not be replayed; the greatest is remembered for ever."""
        with self._lock:
            return dict(self._connection.execute(_sql("select_segments")).fetchall())

    def forget_segments(self, numbers: Iterable[int]) -> None:
        """Segments that are deleted need no row, but the greatest number keeps its own."""
        with self._lock, self._connection:
            self._connection.executemany(
                _sql("delete_segment"),
                [(number,) for number in numbers],
            )

    def series(self, tenant: str, day: int, missing: Collection[str] = ()) -> Identities:
        """The series of a day that have their row in a file; `missing` are files that are gone."""
        with self._lock:
            rows = self._connection.execute(_sql("select_series"), [tenant, day]).fetchall()
        present = [(ids, checks) for file, ids, checks in rows if file not in missing]
        found = Identities()
        found.add(
            np.frombuffer(b"".join(ids for ids, _ in present), "<u8"),
            np.frombuffer(b"".join(checks for _, checks in present), "<u8"),
        )
        return found

    def promote(self, columns: Mapping[str, str]) -> dict[str, str]:
        """Remember the types of promoted columns; those that differ, with the type they had."""
        with self._lock, self._connection:
            known = dict(self._connection.execute(_sql("select_promoted_columns")).fetchall())
            self._fix_types(columns.items())
        return {
            name: known[name] for name, kind in columns.items() if known.get(name, kind) != kind
        }

    def promoted(self) -> dict[str, str]:
        """All columns that ever were promoted, and their types."""
        with self._lock:
            return dict(self._connection.execute(_sql("select_promoted_columns")).fetchall())

    def _fix_types(self, columns: Iterable[tuple[str, str]]) -> None:
        """Columns that have a type keep it."""
        self._connection.executemany(_sql("insert_promoted_column"), list(columns))

    def remember_bodies(self, hashes: bytes, until_ns: int) -> None:
        """Keep hashes of bodies over a restart."""
        with self._lock, self._connection:
            self._connection.execute(_sql("insert_replayed_bodies"), [until_ns, hashes])

    def remembered_bodies(self, now_ns: int) -> list[tuple[int, bytes]]:
        """Until when, and which hashes; those whose time is over are dropped."""
        with self._lock, self._connection:
            self._connection.execute(_sql("delete_replayed_bodies"), [now_ns])
            return self._connection.execute(_sql("select_replayed_bodies")).fetchall()


def damaged(data_dir: Path, reason: str) -> StartupError:
    """The refusal to start without a catalog that can be trusted."""
    return StartupError(
        f"{data_dir / FILE_NAME}: the catalog cannot be read ({reason}). Nothing was deleted. "
        f"Make it anew from the files: goldeneye verify --data-dir {data_dir} --rebuild-catalog"
    )


def file_path(folder: Path, file_id: str) -> Path:
    return folder / f"{file_id}.parquet"


def _promoted(columns: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind in columns if name.startswith(PROMOTED_PREFIXES)]


def _sql(name: str) -> str:
    return sql("storage", name)


def _row(file: CatalogFile, columns: str) -> dict[str, object]:
    entry = file.entry
    return {
        **entry._asdict(),
        "day": file.partition.day,
        "hour": file.partition.hour,
        "columns": columns,
        "strays": json.dumps(sorted(entry.strays)),
        "last_segment": file.last_segment,
        "crc32": file.crc32,
    }


def _blob(numbers: Numbers) -> bytes:
    return bytes(numbers.astype("<u8", copy=False).tobytes())


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no integer")
    return value
