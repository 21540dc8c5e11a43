"""What a question for fifteen minutes costs where the catalog holds a month of many files.

    python benchmarks/planning.py [FILES]

A data folder with so many files of spans (10,000 unless told) in three sets of columns: those of an
earlier configuration, of today's, and of one that promotes more. The files of the last six hours
hold rows of their own times; the older ones are links to a few, since nothing opens them. Each
question is asked 50 times with `LIMIT 0`, which is all but the reading, and for its answer. A
folder with only the files of fifteen minutes is measured first: the rest should cost nothing.
"""

import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import payloads
import pyarrow as pa

from goldeneye.clock import HOUR_NS, ManualClock
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, STORED_TABLES, well_known_keys
from otlp_receiver.decoding.native import NativeDecoder
from query.service import QueryService, SqlQuery
from query.settings import QuerySettings
from storage import catalog
from storage.catalog import Catalog, CatalogFile
from storage.engine import Storage
from storage.file_system import RealFileSystem
from storage.folders import Folders
from storage.generation_writer import GenerationWriter
from storage.retention import Retention
from storage.settings import StorageSettings

TODAY: Final = well_known_keys()
DECODERS: Final = [
    NativeDecoder(replace(TODAY, attributes=attributes))
    for attributes in (
        dict(list(TODAY.attributes.items())[:-20]),
        TODAY.attributes,
        {**TODAY.attributes, "shop.customer": "string"},
    )
]
SPREAD_NS: Final = 30 * 24 * HOUR_NS
OWN_ROWS_NS: Final = 6 * HOUR_NS
QUARTER_NS: Final = HOUR_NS // 4
END_NS: Final = payloads.START_NS + SPREAD_NS
ITEMS: Final = 256
RUNS: Final = 50
QUESTIONS: Final = {
    "count": "SELECT count(*) FROM spans",
    "p95 by route": "SELECT attributes->>'http.route', quantile_cont(duration_ns, 0.95) "
    "FROM spans WHERE service_name = 'service-3' GROUP BY ALL",
    "all columns": "SELECT * FROM spans",
}


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    few = max(1, many * QUARTER_NS // SPREAD_NS)
    print("| files | question | files read | planned, ms: median | worst | answered, ms | worst |")
    print("|---|---|---|---|---|---|---|")
    for count, spread_ns in ((few, QUARTER_NS), (many, SPREAD_NS)):
        with tempfile.TemporaryDirectory(prefix="goldeneye-planning-") as folder:
            _fill(Folders(Path(folder)), count, spread_ns)
            _measure(Path(folder), count)


def _fill(folders: Folders, count: int, spread_ns: int) -> None:
    folders.make(RealFileSystem())
    catalog.create(folders.catalog)
    writer = GenerationWriter(RealFileSystem(), folders, TODAY)
    files: list[CatalogFile] = []
    for number in range(count):
        at_ns = END_NS - spread_ns + number * spread_ns // count
        if number < len(DECODERS) or at_ns >= END_NS - OWN_ROWS_NS:
            files += writer.write(number, {(DEFAULT_TENANT, "spans"): _rows(number, at_ns)})
        else:
            files.append(_linked(folders, files[number % len(DECODERS)], number, at_ns))
    with Catalog(folders.catalog, folders.files) as named:
        named.commit(files, {})


def _rows(number: int, at_ns: int) -> tuple[pa.Table, frozenset[str]]:
    body = payloads.body("traces", "protobuf", ITEMS, number, at_ns - payloads.START_NS)
    decoded = DECODERS[number % len(DECODERS)].decode("traces", "protobuf", [body], [at_ns])
    return pa.Table.from_batches([decoded.batches["spans"]]), frozenset()


def _linked(folders: Folders, file: CatalogFile, number: int, at_ns: int) -> CatalogFile:
    """The same bytes as a file of another time."""
    id_ = f"{number:012d}-0000"
    path = folders.file(id_)
    os.link(file.entry.path, path)
    entry = file.entry._replace(id=id_, path=str(path), min_time_ns=at_ns, max_time_ns=at_ns)
    return replace(file, entry=entry)


def _measure(data_dir: Path, count: int) -> None:
    clock = ManualClock(END_NS)
    kept = Retention(dict.fromkeys(STORED_TABLES, 1 << 62), None)
    settings = StorageSettings(data_dir, "group", MIB, 1.0, MIB, MIB, 0, TODAY, kept)
    storage = Storage.open(settings, DECODERS[1], clock, read_only=True)
    limits = QuerySettings(data_dir, 512 * MIB, 1, 30.0, 100_000, 1)
    service = QueryService(limits, TODAY, storage, clock)
    try:
        for name, sql in QUESTIONS.items():
            planned, _ = _asked(service, f"{sql} LIMIT 0")
            answered, files_read = _asked(service, sql)
            cells = [f"{count:,}", name, str(files_read), *planned, *answered]
            print(f"| {' | '.join(cells)} |", flush=True)
    finally:
        service.close()
        storage.close(10)


def _asked(service: QueryService, sql: str) -> tuple[list[str], int]:
    """Milliseconds: the median and the worst; and the files that were read."""
    found_ms = []
    for run in range(RUNS):
        # A text that was asked already would not be parsed again.
        text = f"{sql} -- {run}"
        query = SqlQuery(text, start_ns=END_NS - QUARTER_NS, end_ns=END_NS, format="arrow")
        started_s = time.perf_counter()
        with service.run(query) as answer:
            found_ms.append((time.perf_counter() - started_s) * 1e3)
            files_read = answer.files_read
    return [f"{statistics.median(found_ms):.1f}", f"{max(found_ms):.1f}"], files_read


if __name__ == "__main__":
    main()
