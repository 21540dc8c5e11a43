"""The walk over many traces in plain Python, by the native core's own signatures."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any, Final

import pyarrow as pa

from query.bottlenecks.columns import Operations, Paths, Spans
from query.bottlenecks.trace import Span, Trace
from query.bottlenecks.walk import sections
from query.bottlenecks.what_if import Model

# Beyond, what would be saved is not worth the seconds, and the exclusive time bounds it.
_MAX_SPANS: Final = 2_000


def critical_paths(spans: Spans, tolerance: float) -> Paths:
    """The sections of each trace's path."""
    traces = list(_traces(spans))
    found = [[(first, one) for one in sections(trace, tolerance)] for first, trace in traces]
    flat = [one for path in found for one in path]
    return Paths(
        _roots(traces),
        pa.array([trace.root_count for _, trace in traces], pa.int32()),
        _offsets(found),
        pa.array([first + piece.span for first, piece in flat], pa.int32()),
        pa.array([piece.start_ns for _, piece in flat], pa.int64()),
        pa.array([piece.end_ns for _, piece in flat], pa.int64()),
    )


def critical_path_operations(
    spans: Spans, numbers: pa.Int32Array, failed: pa.BooleanArray, tolerance: float
) -> Operations:
    """The operations on each trace's path; `numbers` says which one each span is of."""
    traces = list(_traces(spans))
    number_of, has_failed = numbers.to_pylist(), failed.to_pylist()
    found = []
    for first, trace in traces:
        own = range(first, first + len(trace.spans))
        found.append(
            _operations(trace, [number_of[row] for row in own], has_failed[first:], tolerance)
        )
    columns = list(zip(*(row for rows in found for row in rows), strict=True)) or [()] * 5
    kinds = [pa.int32(), *[pa.int64()] * 4]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return Operations(_roots(traces), _offsets(found), *arrays)


def _operations(
    trace: Trace, numbers: Sequence[int], failed: Sequence[bool], tolerance: float
) -> list[tuple[int, ...]]:
    exclusive: dict[int, int] = {}
    spans: dict[int, set[int]] = {}
    for section in sections(trace, tolerance):
        number = numbers[section.span]
        exclusive[number] = exclusive.get(number, 0) + section.end_ns - section.start_ns
        spans.setdefault(number, set()).add(section.span)
    rows: list[tuple[int, ...]] = []
    model = Model.of(trace, tolerance) if exclusive and len(numbers) <= _MAX_SPANS else None
    for number, most in exclusive.items():
        saved = most
        if model is not None:
            free = {span for span, own in enumerate(numbers) if own == number}
            saved = min(model.saved_ns(free), most)
        errors = sum(failed[span] for span in spans[number])
        rows.append((number, most, saved, len(spans[number]), errors))
    return rows


def _traces(spans: Spans) -> Iterator[tuple[int, Trace]]:
    """Each trace with its first row."""
    columns: list[list[Any]] = [column.to_pylist() for column in spans[1:6]]
    rows = [Span(*row) for row in zip(*columns, strict=True)]
    bounds = pairwise(spans.offsets.to_pylist())
    for (first, end), root in zip(bounds, spans.roots.to_pylist(), strict=True):
        yield first, Trace.of(rows[first:end], root)


def _roots(traces: Sequence[tuple[int, Trace]]) -> pa.Int32Array:
    roots = [None if trace.root is None else first + trace.root for first, trace in traces]
    return pa.array(roots, pa.int32())


def _offsets(found: Sequence[Sequence[Any]]) -> pa.Int32Array:
    return pa.array(accumulate((len(rows) for rows in found), initial=0), pa.int32())
