"""A generation becomes files: written, made durable, named; the catalog then makes them count."""

import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import structlog

from goldeneye.snapshot import FileEntry
from storage import parquet, partitions
from storage.catalog import CatalogFile
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.hot import Generation, merged_rows
from storage.partitions import Part

log = structlog.get_logger(__name__)
FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class _Planned:
    id: str
    table: str
    tenant: str
    part: Part
    strays: frozenset[str]


class GenerationWriter:
    """Writes Parquet into `staging/`, then gives each file its permanent name in `files/`."""

    def __init__(self, fs: FileSystem, folders: Folders) -> None:
        self._fs = fs
        self._folders = folders

    def write(
        self, number: int, tables: dict[tuple[str, str], tuple[pa.Table, frozenset[str]]]
    ) -> list[CatalogFile]:
        """The files of a generation's tables (by tenant and table), durable but not yet committed.

        Raises OSError or what pyarrow raises, with none of the files left behind.
        """
        planned = [
            _Planned(_new_id(number), table, tenant, part, strays)
            for (tenant, table), (rows, strays) in tables.items()
            if rows.num_rows
            for part in partitions.split(table, rows)
        ]
        commit = [plan.id for plan in planned]
        try:
            files = [self._stage(plan, number, commit) for plan in planned]
            for plan in planned:
                self._fs.rename(self._staged(plan.id), self._folders.file(plan.id))
            self._fs.sync_folder(self._folders.files)
        except BaseException:
            self.discard(commit)
            raise
        return files

    def discard(self, ids: list[str]) -> None:
        """Remove files that no catalog names."""
        for id_ in ids:
            for path in (self._staged(id_), self._folders.file(id_)):
                try:
                    if path.exists():
                        self._fs.unlink(path)
                except OSError as error:
                    log.warning("an uncommitted file stays", path=str(path), error=str(error))

    def _staged(self, id_: str) -> Path:
        return self._folders.staging / f"{id_}.parquet"

    def _stage(self, plan: _Planned, number: int, commit: list[str]) -> CatalogFile:
        path = self._staged(plan.id)
        schema = parquet.write(path, plan.part.rows, _metadata(plan, number, commit))
        self._fs.sync_file(path)
        entry = FileEntry(
            id=plan.id,
            table=plan.table,
            tenant=plan.tenant,
            path=str(self._folders.file(plan.id)),
            row_count=plan.part.rows.num_rows,
            size_bytes=os.stat(path).st_size,
            min_time_ns=plan.part.min_time_ns,
            max_time_ns=plan.part.max_time_ns,
            columns=parquet.columns(schema),
            strays=plan.strays,
        )
        return CatalogFile(entry, plan.part.partition)


def tables_of(generation: Generation) -> dict[tuple[str, str], tuple[pa.Table, frozenset[str]]]:
    """All rows of a generation, by tenant and table, in order of arrival, with their strays."""
    return {
        key: (
            merged_rows([chunk.rows for chunk in chunks]),
            frozenset[str]().union(*(chunk.strays for chunk in chunks)),
        )
        for key, chunks in generation.chunks.items()
    }


def _new_id(number: int) -> str:
    return f"{number:012d}-{uuid.uuid4().hex[:16]}"


def _metadata(plan: _Planned, number: int, commit: list[str]) -> dict[str, Any]:
    """What the file says of itself: enough to make the catalog anew."""
    return {
        "version": FORMAT_VERSION,
        "id": plan.id,
        "table": plan.table,
        "tenant": plan.tenant,
        "day": plan.part.partition.day,
        "hour": plan.part.partition.hour,
        "min_time_ns": plan.part.min_time_ns,
        "max_time_ns": plan.part.max_time_ns,
        "strays": sorted(plan.strays),
        "segments": [number],
        "commit": commit,
    }
