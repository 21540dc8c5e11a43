"""What the derived tables cost a flush, and what they take on disk.

    python benchmarks/derivation.py

Realistic spans of ten attributes each (traces.py) as the hot buffer holds a segment of 64 MiB;
the generations are of a busy second and of ten quiet ones. The best of three runs each.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
from traces import BODY_SPANS, SPANS_A_SECOND, Traces

from goldeneye.schemas import DERIVED_FROM, well_known_keys
from otlp_receiver.decoding.choose import decoder
from storage import parquet, partitions
from storage.compaction.combine import combined
from storage.derived import RECEIVED, Deriver
from storage.hot import merged_rows
from storage.native_derivation import NativeDeriver, deriver

_TENANT = "default"
_DERIVER = deriver()
_SEGMENT_BODIES = 20
_MERGED = 16
Found = TypeVar("Found")


def spans(bodies: range, made: Traces) -> pa.Table:
    """A generation's rows."""
    decode = decoder(well_known_keys()).decode
    found = [
        decode("traces", "protobuf", [made.body(number)], [time.time_ns()]).batches["spans"]
        for number in bodies
    ]
    return merged_rows([pa.Table.from_batches([batch]) for batch in found])


def best(what: Callable[[], Found]) -> tuple[float, Found]:
    """CPU seconds of the best of three runs, and the last one's result."""
    costs = []
    for _ in range(3):
        cpu_s = time.process_time()
        found = what()
        costs.append(time.process_time() - cpu_s)
    return min(costs), found


def written(tables: dict[str, pa.Table]) -> dict[str, list[bytes]]:
    """Each table's files, as a flush encodes them."""
    return {
        name: [bytes(_encoded(name, part.rows)) for part in partitions.split(name, rows)]
        for name, rows in tables.items()
    }


def _encoded(name: str, rows: pa.Table) -> pa.Buffer:
    own = rows.drop_columns([RECEIVED]) if name in DERIVED_FROM else rows
    return parquet.encode(own, {})[0]


def derived(rows: pa.Table, deriver: NativeDeriver | Deriver = _DERIVER) -> dict[str, pa.Table]:
    found = deriver.derived({(_TENANT, "spans"): (rows, frozenset())})
    return {name: table for (_, name), (table, _) in found.items()}


def merge(files: list[bytes], name: str) -> tuple[int, int]:
    """Rows and bytes of the files' merged form."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{number}.parquet") for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        rows = combined(paths, name)
    batches = rows.to_batches(parquet.MERGED_ROW_GROUP_ROWS)
    return rows.num_rows, len(parquet.encode_stream(batches, rows.schema, {}))


def flush(name: str, rows: pa.Table) -> dict[str, list[bytes]]:
    """Print what a flush of these rows costs, with and without; its files."""
    alone_s, files = best(lambda: written({"spans": rows}))
    derive_s, tables = best(lambda: derived(rows))
    encode_s, more = best(lambda: written(tables))
    count = rows.num_rows
    print(
        f"{name}, {count:,} spans: {count / alone_s:,.0f} spans a CPU second without, "
        f"{count / (alone_s + derive_s + encode_s):,.0f} with ("
        f"+{100 * (derive_s + encode_s) / alone_s:.0f} %: SQL {derive_s * 1e3:.0f} ms, "
        f"Parquet {encode_s * 1e3:.0f} ms beside {alone_s * 1e3:.0f} ms)"
    )
    for table, parts in {**files, **more}.items():
        size_bytes = sum(map(len, parts))
        rows_of = tables[table].num_rows if table in tables else count
        print(
            f"  {table}: {rows_of / count:.3f} rows and {size_bytes / count:.2f} B a span, "
            f"{size_bytes / rows_of:.1f} B a row"
        )
    return more


def main() -> None:
    made = Traces()
    print(f"pyarrow {pa.__version__}, DuckDB {duckdb.__version__}")
    flush("a segment of 64 MiB", spans(range(_SEGMENT_BODIES), made))
    seconds = BODY_SPANS / SPANS_A_SECOND
    files: dict[str, list[bytes]] = {}
    for number in range(_MERGED):
        more = written(derived(spans(range(number, number + 1), made)))
        for table, parts in more.items():
            files.setdefault(table, []).extend(parts)
    flush(f"{seconds:.1f} s at {SPANS_A_SECOND:,} spans a second", spans(range(1), made))
    count = _MERGED * BODY_SPANS
    for table, parts in files.items():
        cpu_s, (rows, size_bytes) = best(lambda own=parts, name=table: merge(own, name))
        print(
            f"{_MERGED} such flushes merged, {table}: {rows / count:.3f} rows and "
            f"{size_bytes / count:.2f} B a span, {cpu_s / count * 1e6:.2f} CPU s a million spans"
        )


if __name__ == "__main__":
    main()
