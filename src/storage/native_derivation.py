"""Tables that are made from the rows of others, by the native core: a quarter of the SQL's time."""

from collections.abc import Callable
from typing import Final

import pyarrow as pa

from goldeneye.schemas import DERIVED_FROM
from storage.book import Tables
from storage.derived import READ, Deriver, empty

derive: Callable[[str, list[pa.RecordBatch]], pa.RecordBatch] | None
try:
    from goldeneye_native import derive
except ImportError:
    derive = None
IS_POSSIBLE: Final = derive is not None
# What each becomes takes at most some 300 bytes; rows made from parts add up.
_MOST_ROWS: Final = 1 << 18


class NativeDeriver:
    """Does what storage.derived.Deriver does, in memory that _MOST_ROWS bounds."""

    def derived(self, tables: Tables) -> Tables:
        """The tables derived from a generation's."""
        return {
            (tenant, name): (_rows(name, rows), frozenset())
            for name, source in DERIVED_FROM.items()
            for (tenant, given), (rows, _) in tables.items()
            if given == source
        }


def _rows(name: str, rows: pa.Table) -> pa.Table:
    assert derive is not None, "asked for where it is not possible"
    read = rows.select(READ)
    parts = [
        pa.Table.from_batches([derive(name, read.slice(at, _MOST_ROWS).to_batches())])
        for at in range(0, rows.num_rows, _MOST_ROWS)
    ]
    if not any(part.num_rows for part in parts):
        return empty(name)
    return pa.concat_tables(parts).unify_dictionaries()


def deriver() -> NativeDeriver | Deriver:
    """The quickest there is."""
    return NativeDeriver() if IS_POSSIBLE else Deriver()
