"""What a walk is given and what it finds, in Arrow columns: the same for the native core and us."""

from typing import Final, NamedTuple

import pyarrow as pa

CONSUMER: Final = "consumer"
PRODUCER: Final = "producer"


class Spans(NamedTuple):
    """The spans of many traces; those of a trace stand together.

    Rows `offsets[i]` to `offsets[i + 1]` are those of trace i, whose walk begins at the span with
    the id `roots[i]`, or where that is null at the trace's own root. Times in ns.
    """

    offsets: pa.Int32Array
    ids: pa.StringArray
    parents: pa.StringArray
    starts: pa.Int64Array
    ends: pa.Int64Array
    kinds: pa.StringArray
    roots: pa.StringArray


class Paths(NamedTuple):
    """Sections of trace i are those from `offsets[i]` to `offsets[i + 1]`, by time.

    `roots` are the rows where the walks began, null where no span could be it; `root_counts` how
    many spans of the trace have no parent in it.
    """

    roots: pa.Int32Array
    root_counts: pa.Int32Array
    offsets: pa.Int32Array
    rows: pa.Int32Array
    starts: pa.Int64Array
    ends: pa.Int64Array


class Operations(NamedTuple):
    """Operations on the path of trace i are those from `offsets[i]` to `offsets[i + 1]`, in the
    order in which the path meets them, by the numbers that were given to their spans."""

    roots: pa.Int32Array
    offsets: pa.Int32Array
    numbers: pa.Int32Array
    exclusive_ns: pa.Int64Array
    saved_ns: pa.Int64Array
    counts: pa.Int64Array
    error_counts: pa.Int64Array
