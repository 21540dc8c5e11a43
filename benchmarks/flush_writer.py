"""What writing a flush's Parquet costs: the storage's own writer beside DuckDB's COPY.

    python benchmarks/flush_writer.py

Spans with eleven attributes of real-looking values, as the hot buffer holds them; the best of
three runs each.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from goldeneye import schemas
from storage import parquet
from storage.hot import merged_rows

BATCH_ROWS = 8_192
BATCHES = 20
RANDOM = np.random.default_rng(1)


def ids(count: int, size_bytes: int) -> list[str]:
    digits = RANDOM.bytes(count * size_bytes).hex()
    return [digits[at : at + 2 * size_bytes] for at in range(0, len(digits), 2 * size_bytes)]


def spans(count: int) -> pa.RecordBatch:
    """A batch of the hot schema: traces of eight spans."""
    schema = schemas.hot("spans", schemas.well_known_keys())
    numbers = range(count)
    own = ids(count, 8)
    duration_ns = RANDOM.lognormal(13, 1.5, count).astype("int64")
    start_ns = time.time_ns() - duration_ns - RANDOM.integers(0, 10**9, count)
    values = {
        "trace_id": [one for one in ids(count // 8, 16) for _ in range(8)],
        "span_id": own,
        "parent_span_id": [own[n - 1] if n % 8 else None for n in numbers],
        "service_name": [f"service-{n // 8 % 12}" for n in numbers],
        "name": [f"GET /api/v1/items/{n % 40}" for n in numbers],
        "kind": [("server", "client", "internal")[n % 3] for n in numbers],
        "start_time": start_ns,
        "end_time": start_ns + duration_ns,
        "duration_ns": duration_ns,
        "status_code": ["unset"] * count,
        "events": [[]] * count,
        "links": [[]] * count,
        "received_time": [time.time_ns()] * count,
        "attributes.http.request.method": [("GET", "POST")[n % 2] for n in numbers],
        "attributes.http.route": [f"/api/v1/items/{n % 40}" for n in numbers],
        "attributes.http.response.status_code": [200] * count,
        "attributes.url.path": [f"/api/v1/items/{n * 7919 % 100_000}" for n in numbers],
        "attributes.server.address": ["shop.internal"] * count,
        "attributes.server.port": [8080] * count,
        "attributes.client.address": [f"10.0.{n % 256}.{n * 31 % 256}" for n in numbers],
        "attributes.user_agent.original": [f"Mozilla/5.0 (X11; {n % 20})" for n in numbers],
        "attributes_other": [f'{{"shop.cart":{n * 17 % 5000}}}' for n in numbers],
        "resource_attributes.host.name": [f"host-{n // 8 % 20}" for n in numbers],
        "resource_attributes.service.version": ["1.2.3"] * count,
    }
    return pa.record_batch(
        [_column(values.get(field.name, [None] * count), field.type) for field in schema],
        schema=schema,
    )


def _column(values: object, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode()
    return pa.array(values, kind)


def measured(name: str, write: Callable[[], int], rows: int) -> None:
    """Print the cost of the best of three runs; `write` returns the file's bytes."""
    costs = []
    for _ in range(3):
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        size_bytes = write()
        costs.append((time.process_time() - cpu_s, time.perf_counter() - wall_s, size_bytes))
    cpu_s, wall_s, size_bytes = min(costs)
    million = rows / 1e6
    print(
        f"{name}: {cpu_s / million:.2f} CPU s and {wall_s / million:.2f} s for a million rows, "
        f"{size_bytes / rows:.1f} B a row"
    )


def main() -> None:
    batches = [spans(BATCH_ROWS) for _ in range(BATCHES)]
    rows = merged_rows([pa.Table.from_batches([batch]) for batch in batches])
    filled = rows.drop_columns(
        [name for name in rows.column_names if rows.column(name).null_count == rows.num_rows]
    )
    connection = duckdb.connect()
    connection.register("hot", filled)

    def copy(threads: int) -> int:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.parquet"
            connection.execute(f"SET threads = {threads}")
            connection.execute(
                f"COPY (SELECT * FROM hot) TO '{path}' "
                "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3)"
            )
            return path.stat().st_size

    print(f"{os.cpu_count()} cores, pyarrow {pa.__version__}, DuckDB {duckdb.__version__}")
    measured("storage.parquet", lambda: len(parquet.encode(rows, {})[0]), rows.num_rows)
    measured("DuckDB COPY, 1 thread", lambda: copy(1), rows.num_rows)
    measured("DuckDB COPY, 2 threads", lambda: copy(2), rows.num_rows)


if __name__ == "__main__":
    main()
