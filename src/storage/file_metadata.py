"""What a file says of itself: enough to make the catalog anew (docs/format.md)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile, SeriesOfDay
from storage.partitions import Partition

FORMAT_VERSION: Final = 1


@dataclass(frozen=True)
class FileMetadata:
    """Times are inclusive bounds; `segments` are those of the log whose rows the file has.

    `replaces` are the files whose rows it took over, `commit` all that became visible with it.
    """

    id: str
    table: str
    tenant: str
    day: int
    hour: int
    min_time_ns: int
    max_time_ns: int
    max_received_ns: int
    row_count: int
    strays: tuple[str, ...]
    promotion: str
    segments: tuple[int, ...]
    replaces: tuple[str, ...]
    commit: tuple[str, ...]
    version: int = FORMAT_VERSION

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From `as_json`. Raises ValueError (a newer version wrote it), KeyError, TypeError."""
        if said["version"] > FORMAT_VERSION:
            raise ValueError(
                f"it has version {said['version']}; this Goldeneye reads {FORMAT_VERSION}"
            )
        lists = ("strays", "segments", "replaces", "commit")
        return cls(**{**said, **{name: tuple(said[name]) for name in lists}})

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def catalog_file(
        self,
        path: Path,
        size_bytes: int,
        columns: tuple[tuple[str, str], ...],
        crc32: int | None,
        series: tuple[SeriesOfDay, ...] = (),
    ) -> CatalogFile:
        """The file as the catalog names it. `columns` are (name, DuckDB type)."""
        entry = FileEntry(
            id=self.id,
            table=self.table,
            tenant=self.tenant,
            path=str(path),
            row_count=self.row_count,
            size_bytes=size_bytes,
            min_time_ns=self.min_time_ns,
            max_time_ns=self.max_time_ns,
            columns=_one_object(columns),
            strays=frozenset(self.strays),
            promotion=self.promotion,
            max_received_ns=self.max_received_ns,
            last_segment=max(self.segments),
        )
        return CatalogFile(
            entry,
            Partition(self.day, self.hour),
            last_segment=max(self.segments),
            crc32=crc32,
            series=series,
        )


@lru_cache(maxsize=1024)
def _one_object(columns: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Of equal ones the first: they take 20 KB, and thousands of files have the same."""
    return columns
