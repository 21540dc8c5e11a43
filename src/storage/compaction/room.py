"""What columns a table has, and so how many more a merge may add."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from goldeneye.schemas import PROMOTED_PREFIXES, PromotedKeys, promotion, table
from storage.catalog import CatalogFile
from storage.compaction.plan import Job


@dataclass(frozen=True)
class Room:
    """Names of promoted columns; `types` are those of all that ever were, which never change.

    `configured` are those that were promoted when the inputs' rows were written, where that is
    known; `of_day` and `of_table` the further ones of the day's and of all files of the tenant's
    table.
    """

    types: Mapping[str, str]
    configured: frozenset[str]
    of_day: frozenset[str]
    of_table: frozenset[str]

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From `as_json`."""
        names = ("configured", "of_day", "of_table")
        return cls(said["types"], *(frozenset(said[name]) for name in names))

    def as_json(self) -> dict[str, Any]:
        return {
            "types": dict(self.types),
            "configured": sorted(self.configured),
            "of_day": sorted(self.of_day),
            "of_table": sorted(self.of_table),
        }


def room_for(
    job: Job, files: Iterable[CatalogFile], types: Mapping[str, str], promoted: PromotedKeys
) -> Room:
    """`files` are all that count, `promoted` the keys that are promoted when rows are written."""
    first = job.inputs[0].entry
    names = table(first.table, promoted).names
    configured = _promoted(names)
    of_day, of_table = set[str](), set[str]()
    # Equal lists of columns are one object (Catalog.files).
    lists = {
        (id(file.entry.columns), file.partition.day == job.partition.day): file.entry.columns
        for file in files
        if (file.entry.table, file.entry.tenant) == (first.table, first.tenant)
    }
    for (_, is_of_day), columns in lists.items():
        further = _promoted(name for name, _ in columns) - configured
        of_table |= further
        of_day |= further if is_of_day else frozenset()
    known = configured if first.promotion == promotion(names) else frozenset[str]()
    return Room(types, known, frozenset(of_day), frozenset(of_table))


def _promoted(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in names if name.startswith(PROMOTED_PREFIXES))
