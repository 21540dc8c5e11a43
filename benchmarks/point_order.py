"""In which order, and in which encodings, compaction should write the points of metrics.

    python benchmarks/point_order.py

An hour of 10,000 series at 15 s, 2,400,000 points: gauges that wander, cumulative counters, and
histograms of 15 buckets, of 100 instances that each send at a moment of their own. Each variant is
written by pyarrow into one file, in row groups of 61,440; DuckDB with one thread asks it for 50
series of one name, for these in ten minutes, for one series, and for all points of ten minutes
(milliseconds, the best of five).
"""

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import payloads
import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye.schemas import PromotedKeys, table
from storage.parquet import MERGED_ROW_GROUP_ROWS

SERIES: Final = 10_000
INSTANCES: Final = 100
NAMES: Final = 40
SCRAPES: Final = 240
STEP_NS: Final = 15 * 10**9
BOUNDS: Final = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
BUCKETS: Final = len(BOUNDS) + 1

DELTA: Final = "DELTA_BINARY_PACKED"
SPLIT: Final = "BYTE_STREAM_SPLIT"
TIMES: Final = {"time": DELTA, "start_time": DELTA, "received_time": DELTA}
INTEGERS: Final = {"value_int": DELTA}
FLOATS: Final = dict.fromkeys(("value", "sum", "min", "max"), SPLIT)
DICTIONARIES: Final = ("name", "flags", "count", "scale", "zero_count", "zero_threshold")
QUESTIONS: Final = (
    "name = 'metric-07' AND series_id IN {ids}",
    "name = 'metric-07' AND series_id IN {ids} AND {ten_minutes}",
    "name = 'metric-07' AND series_id = {one}",
    "{ten_minutes}",
)
TEN_MINUTES: Final = (
    "time >= TIMESTAMP_NS '2026-01-01 00:20:00' AND time < TIMESTAMP_NS '2026-01-01 00:30:00'"
)
Order = Sequence[tuple[str, str]]
BY_SERIES: Final = [("series_id", "ascending"), ("time", "ascending")]
BY_NAME: Final = [("name", "ascending"), *BY_SERIES]
NEWEST_FIRST: Final = [*BY_NAME[:2], ("time", "descending")]


@dataclass(frozen=True)
class Variant:
    name: str
    encodings: Mapping[str, str] = field(default_factory=lambda: {**TIMES, **INTEGERS})
    dictionaries: Sequence[str] = ("series_id",)


SOME: Final = (
    Variant("delta times", TIMES, ()),
    Variant("and a dictionary of series", TIMES),
    Variant("and delta integers"),
)
VARIANTS: Final[Sequence[tuple[str, Order, Sequence[Variant]]]] = (
    ("as it came", [], (*SOME, Variant("and split floats", {**TIMES, **INTEGERS, **FLOATS}))),
    ("series, time", BY_SERIES, SOME[2:]),
    ("name, series, time", BY_NAME, SOME[2:]),
    (
        "name, series, newest first",
        NEWEST_FIRST,
        (
            *SOME[2:],
            Variant("and plain times", INTEGERS),
            Variant("and split floats", {**TIMES, **INTEGERS, **FLOATS}),
        ),
    ),
)


def main() -> None:
    rows = _rows()
    of_name = np.unique(rows.filter(pa.compute.equal(rows["name"], "metric-07"))["series_id"])
    ids = [int(one) for one in np.random.default_rng(2).choice(of_name, 50, replace=False)]
    print(
        "| order | encodings | bytes a point | writing, s | 50 | in 10 min | one | all in 10 min |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for order, keys, variants in VARIANTS:
        ordered = rows.sort_by(list(keys)) if keys else rows
        for variant in variants:
            _measure(order, ordered, variant, ids)


def _measure(order: str, rows: pa.Table, variant: Variant, ids: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="goldeneye-points-") as folder:
        path = Path(folder) / "points.parquet"
        started_s = time.perf_counter()
        pq.write_table(
            rows,
            path,
            row_group_size=MERGED_ROW_GROUP_ROWS,
            compression="zstd",
            compression_level=3,
            use_dictionary=[*DICTIONARIES, *variant.dictionaries],
            column_encoding=dict(variant.encodings),
            write_page_checksum=True,
        )
        writing_s = time.perf_counter() - started_s
        words = {"ids": tuple(ids), "one": ids[0], "ten_minutes": TEN_MINUTES}
        cells = [
            f"{os.path.getsize(path) / rows.num_rows:.2f}",
            f"{writing_s:.1f}",
            *(f"{_best_ms(path, question.format(**words)):.1f}" for question in QUESTIONS),
        ]
    print(f"| {order} | {variant.name} | {' | '.join(cells)} |", flush=True)


def _best_ms(path: Path, where: str) -> float:
    best = float("inf")
    with duckdb.connect(config={"threads": 1}) as db:
        for _ in range(5):
            started_s = time.perf_counter()
            db.execute(
                f"SELECT count(*), sum(value), max(time) FROM read_parquet($1) WHERE {where}",
                [str(path)],
            ).fetchall()
            best = min(best, time.perf_counter() - started_s)
    return best * 1e3


def _rows() -> pa.Table:
    """Points in the order of their arrival: instance by instance, scrape by scrape."""
    rng = np.random.default_rng(1)
    number = np.arange(SERIES)
    names = number % (SERIES // INSTANCES) % NAMES
    # Of 40 names the first 18 are gauges, the last 4 histograms.
    kinds = np.digitize(names, [18, 36])
    moments_ns = np.sort(rng.integers(0, STEP_NS, INSTANCES))
    late_ns = rng.integers(0, 5_000, (SCRAPES, INSTANCES)) * 1_000
    sent_ns = payloads.START_NS + np.arange(SCRAPES)[:, None] * STEP_NS + moments_ns + late_ns
    received_ns = sent_ns + rng.integers(10**6, 3 * 10**7, sent_ns.shape)
    started_ns = payloads.START_NS - rng.integers(0, 10**15, INSTANCES)
    of_instance = np.repeat(np.arange(INSTANCES), SERIES // INSTANCES)
    kind = np.tile(kinds, SCRAPES)
    ids = rng.integers(0, 2**63, SERIES, dtype=np.uint64)
    columns = {
        "series_id": pa.array(np.tile(ids, SCRAPES)),
        "name": pa.array(np.array([f"metric-{one:02d}" for one in range(NAMES)])[names]).take(
            pa.array(np.tile(number, SCRAPES))
        ),
        "time": _times(sent_ns[:, of_instance].reshape(-1)),
        "received_time": _times(received_ns[:, of_instance].reshape(-1)),
        "start_time": _times(np.tile(started_ns[of_instance], SCRAPES), kind == 0),
        "flags": pa.array(np.zeros(SERIES * SCRAPES, np.int64)),
        **_values(rng, kinds),
    }
    schema = table("metric_points", PromotedKeys())
    missing = {one.name: pa.nulls(SERIES * SCRAPES, one.type) for one in schema}
    return pa.table({**missing, **columns}).cast(schema)


def _times(values_ns: Any, mask: Any = None) -> pa.Array:
    return pa.array(values_ns, pa.timestamp("ns"), mask=mask)


def _values(rng: np.random.Generator, kinds: Any) -> dict[str, pa.Array]:
    kind = np.tile(kinds, SCRAPES)
    shape = (SCRAPES, SERIES)
    gauges = np.round(100 + np.cumsum(rng.normal(0, 1, shape), 0), 2).reshape(-1)
    counters = np.cumsum(rng.poisson(rng.integers(0, 200, SERIES), shape), 0).reshape(-1)
    histograms = int((kinds == 2).sum())
    rates = rng.integers(0, 8, (histograms, BUCKETS))
    buckets = np.cumsum(rng.poisson(rates, (SCRAPES, histograms, BUCKETS)), 0)
    counts = np.zeros(SERIES * SCRAPES, np.int64)
    counts[kind == 2] = buckets.sum(2).reshape(-1)
    other = kind != 2
    return {
        "value": pa.array(np.where(kind == 0, gauges, counters), mask=kind == 2),
        "value_int": pa.array(counters, mask=kind != 1),
        "count": pa.array(counts, mask=other),
        "sum": pa.array(np.round(counts * 0.137, 6), mask=other),
        "bucket_counts": _lists(kind, buckets.reshape(-1), BUCKETS),
        "explicit_bounds": _lists(kind, np.tile(BOUNDS, histograms * SCRAPES), len(BOUNDS)),
    }


def _lists(kind: Any, values: Any, width: int) -> pa.Array:
    ends = np.cumsum(np.where(kind == 2, width, 0))
    offsets = np.concatenate(([0], ends)).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets, mask=np.append(kind != 2, False)), pa.array(values)
    )


if __name__ == "__main__":
    main()
