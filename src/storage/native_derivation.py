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


class NativeDeriver:
    """Does what storage.derived.Deriver does; its memory is that of the rows it makes."""

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
    found = pa.Table.from_batches([derive(name, rows.select(READ).to_batches())])
    return found if found.num_rows else empty(name)


def deriver() -> NativeDeriver | Deriver:
    """The quickest there is."""
    return NativeDeriver() if IS_POSSIBLE else Deriver()
