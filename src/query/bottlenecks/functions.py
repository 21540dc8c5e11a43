"""The walk as functions of SQL, over lists of a trace's spans: what the views and questions call.

They compute their answer from their arguments alone, so users' SQL may call them too.
"""

import math
from typing import Any, Final, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from query.bottlenecks.columns import Spans
from query.bottlenecks.kernel import critical_path_operations, critical_paths

# No BOOLEAN, which comes as an extension type of Arrow's that it cannot flatten.
_SPANS: Final = (
    "STRUCT(span_id VARCHAR, parent_span_id VARCHAR, service_name VARCHAR, name VARCHAR, "
    "kind VARCHAR, start_time TIMESTAMP_NS, end_time TIMESTAMP_NS, is_error TINYINT)[]"
)
_ROOT: Final = (
    "STRUCT(span_id VARCHAR, parent_span_id VARCHAR, service_name VARCHAR, name VARCHAR, "
    "start_time TIMESTAMP_NS, end_time TIMESTAMP_NS)"
)
_SECTION: Final = (
    "STRUCT(span_id VARCHAR, service_name VARCHAR, name VARCHAR, "
    "start_time TIMESTAMP_NS, end_time TIMESTAMP_NS)"
)
_OPERATION: Final = (
    "STRUCT(service_name VARCHAR, name VARCHAR, exclusive_ns BIGINT, saved_ns BIGINT, "
    "count BIGINT, error_count BIGINT)"
)
_TIME: Final = pa.timestamp("ns")
_NAMES: Final = ("service_name", "name")


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """`critical_path` and `critical_path_operations` of (spans, id of the root, tolerance)."""
    given: Any = [_SPANS, "VARCHAR", "DOUBLE"]
    paths: Any = f"STRUCT(root {_ROOT}, root_count INTEGER, sections {_SECTION}[])"
    operations: Any = f"STRUCT(root {_ROOT}, operations {_OPERATION}[])"
    how: Any = {"type": "arrow", "null_handling": "special", "side_effects": False}
    connection.create_function("critical_path", _paths, given, paths, **how)
    connection.create_function("critical_path_operations", _operations, given, operations, **how)


class _Given(NamedTuple):
    """`fields` are the columns of all spans of all traces."""

    fields: dict[str, pa.Array]
    spans: Spans
    tolerance: float


def _paths(traces: Any, roots: Any, tolerances: Any) -> pa.StructArray:
    given = _given(traces, roots, tolerances)
    found = critical_paths(given.spans, given.tolerance)
    sections = {
        **{name: given.fields[name].take(found.rows) for name in ("span_id", *_NAMES)},
        "start_time": found.starts.view(_TIME),
        "end_time": found.ends.view(_TIME),
    }
    return _struct(
        root=_root(given, found.roots),
        root_count=found.root_counts,
        sections=pa.ListArray.from_arrays(found.offsets, _struct(**sections)),
    )


def _operations(traces: Any, roots: Any, tolerances: Any) -> pa.StructArray:
    given = _given(traces, roots, tolerances)
    numbers, names = _numbered(given.fields)
    failed = pc.not_equal(given.fields["is_error"], 0).fill_null(False)
    found = critical_path_operations(given.spans, numbers, failed, given.tolerance)
    operations = _struct(
        **{name: names[name].take(found.numbers) for name in _NAMES},
        exclusive_ns=found.exclusive_ns,
        saved_ns=found.saved_ns,
        count=found.counts,
        error_count=found.error_counts,
    )
    return _struct(
        root=_root(given, found.roots),
        operations=pa.ListArray.from_arrays(found.offsets, operations),
    )


def _given(traces: Any, roots: Any, tolerances: Any) -> _Given:
    lists = _whole(traces)
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
    # Also where the list's struct is null: `flatten` of a struct takes its own nulls along.
    structs = lists.flatten()
    kinds = [field.name for field in structs.type]
    fields = dict(zip(kinds, structs.flatten(), strict=True))
    spans = Spans(
        offsets.cast(pa.int32()),
        fields["span_id"],
        fields["parent_span_id"],
        fields["start_time"].view(pa.int64()),
        fields["end_time"].view(pa.int64()),
        fields["kind"],
        _whole(roots),
    )
    return _Given(fields, spans, _tolerance(_whole(tolerances)))


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _tolerance(column: pa.DoubleArray) -> float:
    values = pc.unique(column).to_pylist()
    if len(values) != 1:
        raise ValueError("the tolerance of a critical path must be one for all traces")
    value = 0.0 if values[0] is None else float(values[0])
    if not (math.isfinite(value) and 0 <= value < 1):
        raise ValueError("the tolerance of a critical path is from 0 to below 1")
    return value


def _numbered(fields: dict[str, pa.Array]) -> tuple[pa.Int32Array, dict[str, pa.Array]]:
    """A number for each span's service and name, and these by number."""
    codes = [fields[name].dictionary_encode("encode") for name in _NAMES]
    factor = max(len(codes[1].dictionary), 1)
    services, names = (code.indices.cast(pa.int64()) for code in codes)
    both = pc.add(pc.multiply(services, factor), names).dictionary_encode()
    parts = [pc.divide(both.dictionary, factor)]
    parts.append(pc.subtract(both.dictionary, pc.multiply(parts[0], factor)))
    taken = [code.dictionary.take(part) for code, part in zip(codes, parts, strict=True)]
    return both.indices, dict(zip(_NAMES, taken, strict=True))


def _root(given: _Given, rows: pa.Int32Array) -> pa.StructArray:
    names = ("span_id", "parent_span_id", *_NAMES, "start_time", "end_time")
    arrays = [given.fields[name].take(rows) for name in names]
    return pa.StructArray.from_arrays(arrays, names=list(names), mask=rows.is_null())


def _struct(**columns: pa.Array) -> pa.StructArray:
    return pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
