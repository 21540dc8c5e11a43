"""Which rows are of some series: ids are hashes, whose upper bits rule most rows out."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from query.prometheus.stored.series_ids import Ids
from query.promql.samples import Ints
from query.worker.id_lookup import IdLookup

_UPPER_BITS: Final = 16
# Of more ids most upper bits are some id's.
_MANY: Final = 1 << (_UPPER_BITS - 2)


def many_ids(ids: Ids) -> IdLookup | None:
    """Made once for columns that are looked through for all of these."""
    return IdLookup(ids) if len(ids) >= _MANY else None


def id_places(
    column: Ids, ids: Ids, lookup: IdLookup | None = None
) -> tuple[NDArray[np.int32], Ints | None]:
    """The place among the ids, which are sorted, of each row that has one of them, and which rows
    these are; None for all."""
    if lookup is not None:
        own = lookup.places(column)
        rows = np.flatnonzero(own >= 0)
        return (own, None) if len(rows) == len(own) else (own[rows], rows)
    near = _near(column, ids) if len(ids) < _MANY else None
    asked = column if near is None else column[near]
    found = pc.index_in(pa.array(asked), value_set=pa.array(ids))
    if not found.null_count:
        return found.to_numpy(), near
    kept = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    places: NDArray[np.int32] = found.fill_null(0).to_numpy()[kept]
    return places, kept if near is None else near[kept]


def _near(column: Ids, ids: Ids) -> Ints | None:
    """The rows whose upper bits are those of some id; None for all of them."""
    known = np.zeros(1 << _UPPER_BITS, dtype=np.bool_)
    known[_upper(ids)] = True
    found = np.flatnonzero(known[_upper(column)])
    return None if len(found) == len(column) else found


def _upper(ids: Ids) -> NDArray[np.uint64]:
    return ids >> np.uint64(64 - _UPPER_BITS)
