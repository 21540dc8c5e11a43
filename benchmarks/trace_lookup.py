"""How long a trace takes to be found among a hundred million spans, with filters and without.

    python benchmarks/trace_lookup.py [--data-dir DIR] [--files 50] [--spans 2000000] [--runs 100]

A data folder of so many merged files, each of so many spans in row groups of 61,440. Two of them
have rows of their own; the others are links to these, with filters of as many traces as they have,
none of which is asked for: what is opened is opened for false positives only. Asked are traces of
the first two, and ids that are nowhere; for all columns, through the query service, warm. `chosen`
is choosing the files alone; `without` leaves the filters out, and Parquet's own then tell
which row groups to read.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np
import payloads
import processes
import pyarrow as pa
import pyarrow.parquet as pq
from traces import BODY_SPANS, Traces

from goldeneye.clock import HOUR_NS, ManualClock
from goldeneye.limits import MIB
from goldeneye.schemas import DEFAULT_TENANT, STORED_TABLES, well_known_keys
from goldeneye.snapshot import FileEntry
from otlp_receiver.decoding.native import NativeDecoder
from query.service import QueryService, SqlQuery
from query.settings import QuerySettings
from storage import catalog
from storage.catalog import Catalog, CatalogFile
from storage.compaction.room import Room
from storage.compaction.worker import carry_out
from storage.engine import Storage
from storage.file_metadata import FileMetadata
from storage.file_system import RealFileSystem
from storage.folders import Folders
from storage.generation_writer import GenerationWriter
from storage.retention import Retention
from storage.settings import StorageSettings
from storage.tenant_snapshot import TenantSnapshot
from storage.trace_filter import TraceFilterBuilder, path_of

KEYS: Final = well_known_keys()
OWN_ROWS: Final = 2
BODIES_A_FLUSH: Final = 16
QUESTIONS: Final = {
    "SELECT *": "SELECT * FROM spans WHERE trace_id = $id",
    "five columns": "SELECT name, service_name, start_time, duration_ns, "
    "attributes->>'http.route' FROM spans WHERE trace_id = $id",
}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--data-dir", type=Path)
    options.add_argument("--files", type=int, default=50)
    options.add_argument("--spans", type=int, default=2_000_000)
    options.add_argument("--runs", type=int, default=100)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="goldeneye-traces-") as folder:
        data_dir = given.data_dir or Path(folder)
        if not Folders(data_dir).catalog.exists():
            _fill(Folders(data_dir), given.files, given.spans)
        _measure(data_dir, given.runs)


def _fill(folders: Folders, files: int, spans: int) -> None:
    fs = RealFileSystem()
    folders.make(fs)
    catalog.create(folders.catalog)
    own = [_merged(folders, number, spans) for number in range(OWN_ROWS)]
    ids = pq.read_table(own[0].entry.path, columns=["trace_id"]).column(0).unique()
    traces = len(ids)
    links = [_linked(folders, own[n % OWN_ROWS], n, traces) for n in range(OWN_ROWS, files)]
    with Catalog(folders.catalog, folders.files) as named:
        named.commit(own + links, {})


def _merged(folders: Folders, number: int, spans: int) -> CatalogFile:
    traces, decoder, writer = (
        Traces(),
        NativeDecoder(KEYS),
        GenerationWriter(RealFileSystem(), folders, KEYS),
    )
    bodies = -(-spans // BODY_SPANS)
    inputs: list[CatalogFile] = []
    for first in range(number * bodies, (number + 1) * bodies, BODIES_A_FLUSH):
        group = range(first, min(first + BODIES_A_FLUSH, (number + 1) * bodies))
        received_ns = [traces.received_ns(one) for one in group]
        found = decoder.decode("traces", "protobuf", [traces.body(n) for n in group], received_ns)
        rows = pa.Table.from_batches([found.batches["spans"]])
        inputs += writer.write(first, {(DEFAULT_TENANT, "spans"): (rows, frozenset())})
    spans_files = [file for file in inputs if file.entry.table == "spans"]
    done = carry_out(
        {
            "inputs": [file.entry.path for file in spans_files],
            "output": str(folders.file(f"m{number:020d}-0000")),
            "id": f"m{number:020d}-0000",
            "day": spans_files[0].partition.day,
            "hour": 24,
            "room": Room({}, frozenset(), frozenset(), frozenset()).as_json(),
        },
        RealFileSystem(),
    )
    for file in inputs:
        for path in (Path(file.entry.path), path_of(Path(file.entry.path))):
            path.unlink(missing_ok=True)
    said = FileMetadata.of(done["metadata"])
    columns = tuple((name, kind) for name, kind in done["columns"])
    return said.catalog_file(folders.file(said.id), done["size_bytes"], columns, done["crc32"])


def _linked(folders: Folders, file: CatalogFile, number: int, traces: int) -> CatalogFile:
    """The same rows under another name, and the filter of other traces."""
    id_ = f"m{number:020d}-0000"
    path = folders.file(id_)
    os.link(file.entry.path, path)
    data = np.random.default_rng(number).bytes(16 * traces).hex()
    builder = TraceFilterBuilder()
    builder.add(pa.array([data[at : at + 32] for at in range(0, len(data), 32)]))
    path_of(path).write_bytes(builder.encoded())
    return replace(file, entry=file.entry._replace(id=id_, path=str(path)))


def _measure(data_dir: Path, runs: int) -> None:
    clock = ManualClock(payloads.START_NS + 24 * HOUR_NS)
    kept = Retention(dict.fromkeys(STORED_TABLES, 1 << 62), None)
    settings = StorageSettings(data_dir, "group", MIB, 1.0, MIB, MIB, 0, KEYS, kept)
    storage = Storage.open(settings, NativeDecoder(KEYS), clock, read_only=True)
    service = QueryService(
        QuerySettings(data_dir, 1024 * MIB, 2, 30.0, 100_000, 1), KEYS, storage, clock
    )
    try:
        there, nowhere = _ids(storage, runs), [f"{n:032x}" for n in range(runs)]
        _report(data_dir, storage)
        print("| question | trace | filters | files read | median, ms | p95, ms | CPU, ms |")
        print("|---|---|---|---|---|---|---|")
        for name, ids in (("there", there), ("nowhere", nowhere)):
            chosen = _timed(lambda id_: _choose(storage, id_), ids)
            print(f"| chosen | {name} | with | {chosen}", flush=True)
            for question, sql in QUESTIONS.items():
                ask = _asking(service, sql)
                _row(question, name, "with", ask, ids)
                with _unfiltered():
                    _row(question, name, "without", ask, ids[:5])
    finally:
        service.close()
        storage.close(10)


def _report(data_dir: Path, storage: Storage) -> None:
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        files = snapshot.files_within("spans", None, None)
    filters = sum(path.stat().st_size for path in (data_dir / "files").glob("*.traces"))
    rows = sum(file.row_count for file in files)
    print(
        f"{len(files)} files, {rows:,} spans, {files[0].size_bytes / MIB:.0f} MiB each; "
        f"filters {filters / MIB:.1f} MiB, {filters / rows:.2f} B a span\n"
    )


def _ids(storage: Storage, count: int) -> list[str]:
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        first = snapshot.files_within("spans", None, None)[:OWN_ROWS]
    columns = [pq.read_table(file.path, columns=["trace_id"]).column(0) for file in first]
    found = [str(id_) for column in columns for id_ in column.unique().to_pylist()]
    return [found[at] for at in np.random.default_rng(1).integers(0, len(found), count)]


def _choose(storage: Storage, trace_id: str) -> int:
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        return len(
            snapshot.files_with_traces(snapshot.files_within("spans", None, None), [trace_id])
        )


def _asking(service: QueryService, sql: str) -> Callable[[str], int]:
    def ask(trace_id: str) -> int:
        with service.run(SqlQuery(sql, {"id": trace_id}, format="arrow")) as answer:
            return answer.files_read

    return ask


@contextmanager
def _unfiltered() -> Iterator[None]:
    def everything(
        self: TenantSnapshot, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        return files

    with patch.object(TenantSnapshot, "files_with_traces", everything):
        yield


def _row(question: str, name: str, filters: str, ask: Callable[[str], int], ids: list[str]) -> None:
    for trace_id in ids[:3]:
        ask(trace_id)
    print(f"| {question} | {name} | {filters} | {_timed(ask, ids)}", flush=True)


def _timed(ask: Callable[[str], int], ids: list[str]) -> str:
    """Files, the median and the 95th percentile, and the mean of CPU time, as cells."""
    found_ms, files, before = [], 0, processes.cost(os.getpid())
    for trace_id in ids:
        started_s = time.perf_counter()
        files += ask(trace_id)
        found_ms.append((time.perf_counter() - started_s) * 1e3)
    p95 = statistics.quantiles(found_ms, n=20)[-1]
    cpu_ms = (processes.cost(os.getpid()).cpu_s - before.cpu_s) / len(ids) * 1e3
    median = statistics.median(found_ms)
    return f"{files / len(ids):.2f} | {median:.1f} | {p95:.1f} | {cpu_ms:.1f} |"


if __name__ == "__main__":
    main()
