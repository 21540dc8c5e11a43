"""What exists at one instant: files and hot generations, replaced in one assignment."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from goldeneye.schemas import STORED_TABLES
from goldeneye.snapshot import FileEntry
from storage.hot import Generation
from storage.table_files import NO_FILES, TableFiles


@dataclass(frozen=True)
class State:
    """Immutable; who holds one sees each row once."""

    # By tenant and table.
    files: Mapping[tuple[str, str], TableFiles] = field(default_factory=dict)
    generations: Mapping[int, Generation] = field(default_factory=dict)  # by segment, ascending

    def with_generation(self, generation: Generation) -> "State":
        return replace(self, generations={**self.generations, generation.number: generation})

    def without_generation(self, number: int) -> "State":
        rest = {key: value for key, value in self.generations.items() if key != number}
        return replace(self, generations=rest)

    def with_files(self, entries: Iterable[FileEntry]) -> "State":
        added: dict[tuple[str, str], list[FileEntry]] = defaultdict(list)
        for entry in entries:
            added[entry.tenant, entry.table].append(entry)
        more = {key: self.files.get(key, NO_FILES).plus(own) for key, own in added.items()}
        return replace(self, files={**self.files, **more})

    def without_files(self, ids: Collection[str]) -> "State":
        return replace(self, files={key: own.minus(ids) for key, own in self.files.items()})

    def memory_bytes(self) -> int:
        """What the rows take that are not yet in files."""
        return sum(generation.memory_bytes for generation in self.generations.values())

    def unflushed_bytes(self) -> int:
        """Bytes of the log whose rows are not yet in files."""
        return sum(generation.wal_bytes for generation in self.generations.values())

    def file_totals(self) -> dict[str, dict[str, int]]:
        """Files, rows and bytes of each table, over all tenants."""
        totals = {table: {"count": 0, "rows": 0, "bytes": 0} for table in STORED_TABLES}
        for (_, table), files in self.files.items():
            total = totals[table]
            for entry in files:
                total["count"] += 1
                total["rows"] += entry.row_count
                total["bytes"] += entry.size_bytes
        return totals
