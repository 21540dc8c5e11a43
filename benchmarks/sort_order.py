"""In which order compaction should write spans, and in row groups of which size.

    python benchmarks/sort_order.py

An hour of spans as 64 flushed files; each order is written by DuckDB, as compaction does, and asked
three questions; the best of five runs each.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Final

import duckdb
import payloads

from goldeneye.schemas import well_known_keys
from otlp_receiver.decoding.native import NativeDecoder
from storage import parquet

FILES: Final = 64
ITEMS: Final = 8_192
ORDERS: Final = {
    "as it came": "",
    "start_time": "ORDER BY start_time",
    "service_name, start_time": "ORDER BY service_name, start_time",
    "trace_id, start_time": "ORDER BY trace_id, start_time",
    "5 minutes, trace_id": (
        "ORDER BY time_bucket(INTERVAL 5 MINUTE, start_time), trace_id, start_time"
    ),
    "5 minutes, service_name, trace_id": (
        "ORDER BY time_bucket(INTERVAL 5 MINUTE, start_time), service_name, trace_id"
    ),
}
ROW_GROUPS: Final = (20_480, 61_440, 122_880)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        inputs = _write_inputs(Path(folder))
        total = sum(os.path.getsize(path) for path in inputs)
        rows = FILES * ITEMS
        print(f"as flushed: {total / rows:.1f} bytes a span")
        print(
            "| order | rows a group | bytes a span | writing, s | trace by id, ms "
            "| service in 10 min, ms | filter and p95, ms |"
        )
        print("|---|---|---|---|---|---|---|")
        for name, order in ORDERS.items():
            for group in ROW_GROUPS:
                _measure(Path(folder), inputs, name, order, group)


def _write_inputs(folder: Path) -> list[str]:
    decoder = NativeDecoder(well_known_keys())
    paths = []
    for number in range(FILES):
        offset_ns = number * 56 * 10**9
        body = payloads.body("traces", "protobuf", ITEMS, number, offset_ns)
        batch = decoder.decode("traces", "protobuf", [body], [payloads.START_NS]).batches["spans"]
        data, _ = parquet.encode(parquet.pa.Table.from_batches([batch]), {})
        path = folder / f"{number:04d}.parquet"
        path.write_bytes(data)
        paths.append(str(path))
    return paths


def _measure(folder: Path, inputs: list[str], name: str, order: str, group: int) -> None:
    target = folder / "out.parquet"
    db = duckdb.connect(config={"threads": 1, "memory_limit": "512MB"})
    start = time.perf_counter()
    db.execute(
        f"COPY (SELECT * FROM read_parquet($inputs, union_by_name = true) {order}) TO '{target}' "
        f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE {group})",
        {"inputs": inputs},
    )
    writing_s = time.perf_counter() - start
    trace_id = db.execute(f"SELECT trace_id FROM '{target}' USING SAMPLE 1").fetchone()
    assert trace_id is not None
    cells = [
        f"{os.path.getsize(target) / (FILES * ITEMS):.1f}",
        f"{writing_s:.1f}",
        *(
            f"{_best_ms(db, question, target, trace_id[0]):.1f}"
            for question in (
                "SELECT * FROM read_parquet($file) WHERE trace_id = $trace_id",
                "SELECT count(*), max(duration_ns) FROM read_parquet($file) WHERE service_name = "
                "'service-3' AND start_time >= TIMESTAMP_NS '2026-01-01 00:20:00' "
                "AND start_time < TIMESTAMP_NS '2026-01-01 00:30:00' AND $trace_id <> ''",
                "SELECT quantile_cont(duration_ns, 0.95) FROM read_parquet($file) WHERE "
                "\"attributes.http.route\" = '/api/v1/items/7' AND $trace_id <> ''",
            )
        ),
    ]
    print(f"| {name} | {group:,} | " + " | ".join(cells) + " |", flush=True)


def _best_ms(db: duckdb.DuckDBPyConnection, question: str, file: Path, trace_id: str) -> float:
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        db.execute(question, {"file": str(file), "trace_id": trace_id}).fetchall()
        best = min(best, time.perf_counter() - start)
    return best * 1e3


if __name__ == "__main__":
    main()
