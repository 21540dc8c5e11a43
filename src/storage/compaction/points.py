"""Points of metrics lie by name, series and time, newest first (docs/decisions/0007-points.md)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from goldeneye.limits import MAX_SORTED_BYTES
from storage import parquet
from storage.partitions import partition_times_ns

TABLE: Final = "metric_points"


def by_series(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows in runs of at most some MAX_SORTED_BYTES, each of which is sorted."""
    run: list[pa.RecordBatch] = []
    size_bytes = 0
    for batch in batches:
        if run and size_bytes + batch.nbytes > MAX_SORTED_BYTES:
            yield from _sorted(run)
            run, size_bytes = [], 0
        run.append(batch)
        size_bytes += batch.nbytes
    if run:
        yield from _sorted(run)


def _sorted(run: Sequence[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    rows = pa.Table.from_batches(run).combine_chunks()
    # Newest first: a step to the next series then is the one that is long and forward, which
    # widens a miniblock of DELTA_BINARY_PACKED and not the whole block.
    keys = (-partition_times_ns(TABLE, rows), np.asarray(rows["series_id"]), _ranks(rows["name"]))
    order = pa.array(np.lexsort(keys))
    for start in range(0, rows.num_rows, parquet.MERGED_ROW_GROUP_ROWS):
        yield from rows.take(order.slice(start, parquet.MERGED_ROW_GROUP_ROWS)).to_batches()


def _ranks(names: pa.ChunkedArray) -> NDArray[np.int64]:
    """Numbers that are ordered as the names are."""
    encoded = names.combine_chunks().dictionary_encode(null_encoding="encode")
    ranks = pc.rank(encoded.dictionary, sort_keys="ascending", tiebreaker="dense")
    return np.asarray(pc.cast(ranks, pa.int64())).take(np.asarray(encoded.indices))
