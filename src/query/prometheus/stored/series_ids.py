"""Which series there are, by id and metric, without their labels."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from query.prometheus.stored.family import Family
from query.prometheus.stored.translating import FAMILY

Ids = NDArray[np.uint64]
COLUMNS: Final = ("series_id", "day", *FAMILY)


class SeriesIds(NamedTuple):
    """Sorted ids, each once, and the number of each one's metric among `families`."""

    ids: Ids
    numbers: NDArray[np.int32]
    families: Sequence[Family]

    def named(self, names: Collection[str]) -> Ids:
        """Those of the metrics with these names in OTLP."""
        wanted = np.array([one.name in names for one in self.families], dtype=np.bool_)
        found: Ids = self.ids if wanted.all() else self.ids[wanted[self.numbers]]
        return found

    def without(self, others: Ids) -> "SeriesIds":
        """Those that are not among the others, which are sorted; with all families."""
        if not len(others):
            return self
        places = np.minimum(np.searchsorted(others, self.ids), len(others) - 1)
        new = others[places] != self.ids
        return SeriesIds(self.ids[new], self.numbers[new], self.families)


def series_ids(rows: pa.Table) -> SeriesIds:
    """Of rows of metric_series with the columns of a metric."""
    families, numbers = _families(rows)
    return _each_once(_whole(rows, "series_id").to_numpy(), numbers, families)


def together(parts: Sequence[SeriesIds]) -> SeriesIds:
    """All of them."""
    if len(parts) == 1:
        return parts[0]
    known: dict[Family, int] = {}
    numbers = [np.empty(0, dtype=np.int32)]
    for part in parts:
        own = [known.setdefault(family, len(known)) for family in part.families]
        numbers.append(np.array(own, dtype=np.int32)[part.numbers])
    ids = np.concatenate([np.empty(0, dtype=np.uint64), *(part.ids for part in parts)])
    return _each_once(ids, np.concatenate(numbers), list(known))


def _each_once(
    ids: NDArray[Any], numbers: NDArray[np.int32], families: Sequence[Family]
) -> SeriesIds:
    found, first = np.unique(ids, return_index=True)
    return SeriesIds(found, numbers[first], families)


def _families(rows: pa.Table) -> tuple[list[Family], NDArray[np.int32]]:
    """The metrics, and which of them each row is of."""
    codes = np.zeros(rows.num_rows, dtype=np.int64)
    for name in FAMILY:
        encoded = pc.dictionary_encode(_whole(rows, name), null_encoding="encode")
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        # The numbers of the combinations stay small.
        codes = np.unique(codes, return_inverse=True)[1]
    _, first, numbers = np.unique(codes, return_index=True, return_inverse=True)
    listed = rows.select(FAMILY).take(pa.array(first)).to_pylist()
    known: dict[Family, int] = {}
    # What is NULL and what is empty are one.
    places = [known.setdefault(_family(row), len(known)) for row in listed]
    return list(known), np.array(places, dtype=np.int32)[numbers]


def _family(row: dict[str, Any]) -> Family:
    texts = {name: row[name] or "" for name in ("name", "unit", "metadata")}
    return Family(**{**row, **texts})


def _whole(rows: pa.Table, name: str) -> pa.Array:
    column = rows.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    found = column.combine_chunks()
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    # DuckDB's booleans.
    return found.storage if isinstance(found, pa.ExtensionArray) else found
