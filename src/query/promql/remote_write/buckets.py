"""Native histograms' buckets: from spans to lists without gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from goldeneye.errors import InvalidRequest
from query.promql.naming.native_histograms import MIN_SCHEMA

Integers = npt.NDArray[np.int64]
# Lists without gaps are long where two values lie far apart: wider ones get coarser buckets.
MAX_DENSE_BUCKETS: Final = 65_536
_MAX_INDEX: Final = 2**31 - 2
_MAX_COUNT: Final = 2**63 - 1


class Span(Protocol):
    """As both messages have it."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Buckets:
    """Those that are not empty, by rising index."""

    indices: Integers
    counts: Integers


def read_buckets(
    spans: Sequence[Span], deltas: Sequence[int], floats: Sequence[float]
) -> Buckets | None:
    """None where a float histogram has parts of counts, which OTLP cannot hold.

    Raises InvalidRequest where the spans are wrong or a bucket is negative.
    """
    counts = np.array(floats, np.float64) if floats else np.cumsum(np.array(deltas, np.int64))
    indices = _indices(spans, len(counts))
    if (negative := np.flatnonzero(counts < 0)).size:
        place = int(negative[0])
        raise InvalidRequest(
            f"bucket number {place + 1} has observation count of {counts[place]}: "
            "histogram has a bucket whose observation count is negative"
        )
    if not (counts < _MAX_COUNT).all() or (counts % 1).any():
        return None
    whole = counts.astype(np.int64)
    filled = np.flatnonzero(whole)
    return Buckets(indices[filled], whole[filled])


def _indices(spans: Sequence[Span], buckets: int) -> Integers:
    if (said := sum(span.length for span in spans)) != buckets:
        raise InvalidRequest(
            f"spans need {said} buckets, have {buckets} buckets: "
            "histogram spans specify different number of buckets than provided"
        )
    begin = 0
    ranges = [np.zeros(0, np.int64)]
    for number, span in enumerate(spans):
        if number and span.offset < 0:
            raise InvalidRequest(
                f"span number {number + 1} with offset {span.offset}: "
                "histogram has a span whose offset is negative"
            )
        begin += span.offset
        ranges.append(np.arange(begin, begin + span.length, dtype=np.int64))
        begin += span.length
    lowest = spans[0].offset if spans else 0
    if lowest < -_MAX_INDEX or begin > _MAX_INDEX:
        raise InvalidRequest(f"buckets {lowest} to {begin}: an index is out of range")
    return np.concatenate(ranges)


def levels_to_merge(schema: int, sides: Sequence[Buckets]) -> int:
    """How much coarser the schema must be for the lists of both sides to be short enough.

    Raises InvalidRequest where none is: no numbers lie that far apart.
    """
    for levels in range(schema - MIN_SCHEMA + 1):
        if all(_width(coarser(side, levels)) <= MAX_DENSE_BUCKETS for side in sides):
            return levels
    raise InvalidRequest("the histogram's buckets lie too far apart")


def _width(side: Buckets) -> int:
    return int(side.indices[-1] - side.indices[0]) + 1 if len(side.indices) else 0


def coarser(side: Buckets, by: int) -> Buckets:
    """With 2^`by` buckets merged into one."""
    return Buckets(((side.indices - 1) >> by) + 1, side.counts)


def dense(side: Buckets) -> tuple[int, list[int]]:
    """The first index, and the counts from there on; 0 and nothing where all are empty."""
    if not len(side.indices):
        return 0, []
    first = int(side.indices[0])
    counts = np.zeros(int(side.indices[-1]) - first + 1, np.int64)
    np.add.at(counts, side.indices - first, side.counts)
    return first, counts.tolist()
