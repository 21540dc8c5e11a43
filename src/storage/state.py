"""What exists at one instant: files and hot generations, replaced in one assignment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from goldeneye.schemas import TABLES
from goldeneye.snapshot import FileEntry
from storage.hot import Generation


@dataclass(frozen=True)
class State:
    """Immutable; who holds one sees each row once."""

    files: Mapping[str, tuple[FileEntry, ...]] = field(default_factory=dict)  # by tenant
    generations: Mapping[int, Generation] = field(default_factory=dict)  # by segment, ascending

    def with_generation(self, generation: Generation) -> "State":
        return replace(self, generations={**self.generations, generation.number: generation})

    def without_generation(self, number: int) -> "State":
        rest = {key: value for key, value in self.generations.items() if key != number}
        return replace(self, generations=rest)

    def with_files(self, entries: list[FileEntry]) -> "State":
        files = dict(self.files)
        for tenant in {entry.tenant for entry in entries}:
            added = tuple(entry for entry in entries if entry.tenant == tenant)
            files[tenant] = files.get(tenant, ()) + added
        return replace(self, files=files)

    def without_files(self, ids: Collection[str]) -> "State":
        return replace(
            self,
            files={
                tenant: tuple(entry for entry in entries if entry.id not in ids)
                for tenant, entries in self.files.items()
            },
        )

    def backlog_bytes(self) -> int:
        """What is not yet in files, as bytes of the log or, where that is more, of memory."""
        return sum(generation.backlog_bytes for generation in self.generations.values())

    def memory_bytes(self) -> int:
        """What the rows take that are not yet in files."""
        return sum(generation.memory_bytes for generation in self.generations.values())

    def unflushed_bytes(self) -> int:
        """Bytes of the log whose rows are not yet in files."""
        return sum(generation.wal_bytes for generation in self.generations.values())

    def file_totals(self) -> dict[str, dict[str, int]]:
        """Files, rows and bytes of each table, over all tenants."""
        totals = {table: {"count": 0, "rows": 0, "bytes": 0} for table in TABLES}
        for entries in self.files.values():
            for entry in entries:
                total = totals[entry.table]
                total["count"] += 1
                total["rows"] += entry.row_count
                total["bytes"] += entry.size_bytes
        return totals
