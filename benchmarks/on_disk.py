"""What a span, a log record and a metric point take on disk, beside two other ways to keep them.

    python benchmarks/on_disk.py [--items 500000]

`goldeneye` is all files of all tables that the rows became, merged as a day later, with their
filters and what was derived from them. `OTLP, zstd` are the requests as they came, each compressed
by itself (level 3). `Parquet, JSON` is one file of the same rows with pyarrow's defaults and zstd
(level 3), all attributes as JSON.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import payloads
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import zstandard
from filling import commit, merge, opened, table_sizes
from points import Points
from traces import BODY_SPANS, Traces

from goldeneye.clock import ManualClock
from goldeneye.schemas import SERIES_CHECK, PromotedKeys, Signal
from otlp_receiver.decoding.native import NativeDecoder

# A body, the number of its items, and when it arrived.
Body = tuple[bytes, int, int]
LEVEL: Final = 3
_FLUSH_BODIES: Final = 16


@dataclass(frozen=True)
class Sizes:
    """Bytes of everything."""

    items: int
    requests: int
    compressed: int
    parquet: int
    goldeneye: int


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=500_000, help="of each signal")
    items = parser.parse_args().items
    print("| bytes an item | items | OTLP | OTLP, zstd | Parquet, JSON | goldeneye |")
    print("|---|---|---|---|---|---|")
    for name, bodies in (
        ("span", _spans(items)),
        ("log record", _logs(items)),
        ("metric point", _points(items)),
    ):
        signal = {"span": "traces", "log record": "logs", "metric point": "metrics"}[name]
        with tempfile.TemporaryDirectory(prefix="goldeneye-disk-") as folder:
            print(_row(name, _measure(Path(folder), signal, list(bodies))), flush=True)


def _spans(items: int) -> Iterator[Body]:
    traces = Traces()
    for number in range(-(-items // BODY_SPANS)):
        yield traces.body(number), BODY_SPANS, traces.received_ns(number)


def _logs(items: int) -> Iterator[Body]:
    window_ns = BODY_SPANS * 10**6
    for number in range(-(-items // BODY_SPANS)):
        body = payloads.body("logs", "protobuf", BODY_SPANS, number, number * window_ns)
        yield body, BODY_SPANS, payloads.START_NS + (number + 1) * window_ns


def _points(items: int) -> Iterator[Body]:
    points = Points()
    for body, received_ns in points.bodies(-(-items // points.points)):
        yield body, points.points, received_ns


def _measure(folder: Path, signal: Signal, bodies: list[Body]) -> Sizes:
    with opened(folder / "data", ManualClock(payloads.START_NS)) as storage:
        for first in range(0, len(bodies), _FLUSH_BODIES):
            group = bodies[first : first + _FLUSH_BODIES]
            commit(storage, signal, [body for body, _, _ in group], [at for _, _, at in group])
            storage.flush()
    merge(folder / "data")
    compressor = zstandard.ZstdCompressor(LEVEL)
    return Sizes(
        items=sum(items for _, items, _ in bodies),
        requests=sum(len(body) for body, _, _ in bodies),
        compressed=sum(len(compressor.compress(body)) for body, _, _ in bodies),
        parquet=_plain_parquet(folder / "plain.parquet", signal, bodies),
        goldeneye=sum(size.size_bytes for size in table_sizes(folder / "data").values()),
    )


def _plain_parquet(path: Path, signal: Signal, bodies: list[Body]) -> int:
    """With no key promoted, all attributes are in the JSON; points are joined to their series."""
    decoder = NativeDecoder(PromotedKeys({}, {}))
    writer = None
    for body, _, received_ns in bodies:
        batches = decoder.decode(signal, "protobuf", [body], [received_ns]).batches
        rows = _joined({name: pa.Table.from_batches([one]) for name, one in batches.items()})
        writer = writer or pq.ParquetWriter(
            path, rows.schema, compression="zstd", compression_level=LEVEL, store_schema=False
        )
        writer.write_table(rows)
    assert writer is not None
    writer.close()
    return path.stat().st_size


def _joined(tables: dict[str, pa.Table]) -> pa.Table:
    """One table; each point with its series' columns."""
    if "metric_points" not in tables:
        (rows,) = tables.values()
        return rows
    points = tables["metric_points"].drop_columns(["series_id"])
    series = tables["metric_series"]
    places = pc.index_in(tables["metric_points"]["series_id"], series["series_id"])
    for name in series.column_names:
        if name not in points.column_names and name != SERIES_CHECK:
            points = points.append_column(name, series[name].take(places))
    return points


def _row(name: str, sizes: Sizes) -> str:
    cells = (sizes.requests, sizes.compressed, sizes.parquet, sizes.goldeneye)
    return (
        f"| {name} | {sizes.items:,} | "
        + " | ".join(f"{size / sizes.items:.1f}" for size in cells)
        + " |"
    )


if __name__ == "__main__":
    main()
