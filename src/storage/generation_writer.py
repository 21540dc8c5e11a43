"""A generation becomes files: written, made durable, named; the catalog then makes them count."""

import zlib
from dataclasses import dataclass
from pathlib import Path

from goldeneye import schemas
from goldeneye.schemas import (
    DERIVED_FROM,
    SERIES_CHECK,
    WITH_TRACE_FILTERS,
    PromotedKeys,
    promotion,
)
from storage import parquet, partitions
from storage.book import Tables
from storage.catalog import CatalogFile, SeriesOfDay
from storage.derived import RECEIVED
from storage.file_metadata import FileMetadata
from storage.file_system import FileSystem
from storage.folders import Folders
from storage.hot import Generation, united_rows
from storage.partitions import Part
from storage.series_index import identities_by_day
from storage.trace_filter import TraceFilterBuilder, path_of


@dataclass(frozen=True)
class _Planned:
    id: str
    table: str
    tenant: str
    part: Part
    strays: frozenset[str]


class GenerationWriter:
    """Writes Parquet into `staging/`, then gives each file its permanent name in `files/`."""

    def __init__(self, fs: FileSystem, folders: Folders, promoted: PromotedKeys) -> None:
        self._fs = fs
        self._folders = folders
        self._promoted = promoted

    def write(self, number: int, tables: Tables) -> list[CatalogFile]:
        """The files of a generation's tables, durable but not yet committed.

        An attempt that is repeated writes the same names, so that it replaces what an earlier one
        left. Raises OSError, or what pyarrow raises.
        """
        parts = [
            (table, tenant, part, strays)
            for (tenant, table), (rows, strays) in tables.items()
            if rows.num_rows
            for part in partitions.split(table, rows)
        ]
        planned = [
            _Planned(f"{number:012d}-{ordinal:04d}", *part) for ordinal, part in enumerate(parts)
        ]
        commit = [plan.id for plan in planned]
        files = [self._stage(plan, number, commit) for plan in planned]
        for plan in planned:
            staged, path = self._staged(plan.id), self._folders.file(plan.id)
            if plan.table in WITH_TRACE_FILTERS:
                self._fs.rename(path_of(staged), path_of(path))
            self._fs.rename(staged, path)
        if planned:
            self._fs.sync_folder(self._folders.files)
        return files

    def discard(self, number: int) -> None:
        """Remove what a generation that cannot be written left in `staging/`."""
        for path in self._folders.staging.glob(f"{number:012d}-*"):
            self._fs.unlink(path)

    def _staged(self, id_: str) -> Path:
        return self._folders.staging / f"{id_}.parquet"

    def _stage(self, plan: _Planned, number: int, commit: list[str]) -> CatalogFile:
        rows = plan.part.rows
        series: tuple[SeriesOfDay, ...] = ()
        if plan.table == "metric_series":
            series = tuple(SeriesOfDay(*found) for found in identities_by_day(rows))
            rows = rows.drop_columns([SERIES_CHECK])
        elif plan.table in DERIVED_FROM:
            rows = rows.drop_columns([RECEIVED])
        metadata = self._metadata(plan, number, commit)
        data, schema = parquet.encode(rows, metadata.as_json())
        self._create(self._staged(plan.id), memoryview(data))
        if plan.table in WITH_TRACE_FILTERS:
            traces = TraceFilterBuilder()
            traces.add(rows.column("trace_id"))
            self._create(path_of(self._staged(plan.id)), memoryview(traces.encoded()))
        path, columns = self._folders.file(plan.id), parquet.columns(schema)
        return metadata.catalog_file(path, len(data), columns, zlib.crc32(data), series)

    def _metadata(self, plan: _Planned, number: int, commit: list[str]) -> FileMetadata:
        return FileMetadata(
            id=plan.id,
            table=plan.table,
            tenant=plan.tenant,
            day=plan.part.partition.day,
            hour=plan.part.partition.hour,
            min_time_ns=plan.part.min_time_ns,
            max_time_ns=plan.part.max_time_ns,
            max_received_ns=plan.part.max_received_ns,
            row_count=plan.part.rows.num_rows,
            strays=tuple(sorted(plan.strays)),
            promotion=promotion(schemas.table(plan.table, self._promoted).names),
            segments=(number,),
            replaces=(),
            commit=tuple(commit),
        )

    def _create(self, path: Path, data: memoryview) -> None:
        if path.exists():
            self._fs.unlink(path)
        fd = self._fs.create(path)
        try:
            self._fs.write(fd, [data])
            self._fs.sync_data(fd)
        finally:
            self._fs.close(fd)


def tables_of(generation: Generation) -> Tables:
    """All rows of a generation, by tenant and table, in order of arrival, with their strays."""
    return {
        key: (
            united_rows([chunk.rows for chunk in chunks]),
            frozenset[str]().union(*(chunk.strays for chunk in chunks)),
        )
        for key, chunks in generation.chunks.items()
    }
