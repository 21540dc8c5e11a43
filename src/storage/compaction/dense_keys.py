"""Which keys of attributes get a column of their own when files are merged."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from goldeneye.limits import DENSE_PERCENT, MAX_DENSE_COLUMNS, MAX_DENSE_COLUMNS_OF_DAY
from goldeneye.schemas import PROMOTED_PREFIXES
from storage.compaction.room import Room

# In the order in which the native core counts them.
_TYPES: Final = ("VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN")
# The column of this key is `service_name`.
_SERVICE_NAME: Final = "resource_attributes.service.name"
_MAX_NAME_BYTES: Final = 200


class Rows(NamedTuple):
    """In how many rows of a file's JSON a key occurs, by the type of its value."""

    by_type: Mapping[str, int]
    total: int

    @classmethod
    def of(cls, counts: Iterable[int]) -> "Rows":
        """From rows with a string, an int, a double, a bool, and anything else."""
        numbers = tuple(counts)
        return cls(dict(zip(_TYPES, numbers[:4], strict=True)), sum(numbers))

    def strays(self, kind: str) -> int:
        """Rows that stay in the JSON where the key has a column of that type."""
        return self.total - self.by_type[kind]


def dense_columns(
    counts: Mapping[str, Rows], row_count: int, present: Iterable[str], room: Room
) -> dict[str, str]:
    """The columns, with their types, that a file of `row_count` rows gets beside those present.

    `counts` are by the name that the column would have. Those of the most rows come first.
    """
    found: dict[str, str] = {}
    taken = {_fold(name): name for name in (*room.types, *present)}
    of_day, of_table = len(room.of_day), len(room.of_table)
    for name, kind in _candidates(counts, row_count, present, room):
        # DuckDB tells no columns apart by the case of their letters.
        if taken.setdefault(_fold(name), name) != name:
            continue
        if name not in room.of_day and name not in room.configured:
            is_new = name not in room.of_table
            if of_day >= MAX_DENSE_COLUMNS_OF_DAY or (is_new and of_table >= MAX_DENSE_COLUMNS):
                continue
            of_day += 1
            of_table += is_new
        found[name] = kind
    return found


def _candidates(
    counts: Mapping[str, Rows], row_count: int, present: Iterable[str], room: Room
) -> Iterator[tuple[str, str]]:
    """Dense keys, the most frequent first."""
    known = frozenset(present)
    for name, rows in sorted(counts.items(), key=lambda item: (-item[1].total, item[0])):
        kind = room.types.get(name) or _only_type(rows)
        if kind is None or name in known or not _can_be_column(name):
            continue
        if rows.by_type[kind] * 100 >= row_count * DENSE_PERCENT:
            yield name, kind


def _only_type(rows: Rows) -> str | None:
    return next((kind for kind, count in rows.by_type.items() if count == rows.total > 0), None)


def _can_be_column(name: str) -> bool:
    """Other characters than printable ASCII are trouble for some reader of the lake."""
    return (
        len(name) <= _MAX_NAME_BYTES
        and name.isascii()
        and name.isprintable()
        and name not in (_SERVICE_NAME, *PROMOTED_PREFIXES)
    )


def _fold(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass").lower()
