"""Spans and logs that are in traces, of the fake decoder's numbers: four of each in a trace."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.fake_decoder import START_NS, FakeDecoder
from support.storage_folder import NUMBER, hot_rows, settings

from goldeneye.clock import Clock, ManualClock
from goldeneye.decoded import Decoded, Group
from goldeneye.schemas import DEFAULT_TENANT, Signal
from storage.compaction.worker_process import Worker
from storage.engine import Storage
from storage.file_system import FileSystem


def trace_of(number: int) -> str:
    return f"{number // 4:032x}"


class TracedDecoder(FakeDecoder):
    """Every seventh row is in no trace."""

    def decode(
        self,
        signal: Signal,
        encoding: str,
        bodies: Sequence[bytes],
        received_time_ns: Sequence[int],
    ) -> Decoded:
        found = super().decode(signal, encoding, bodies, received_time_ns)
        batches = {table: _traced(table, batch) for table, batch in found.batches.items()}
        return Decoded(batches, found.results)


def _traced(table: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    if table not in ("spans", "logs"):
        return batch
    ids = [trace_of(n) if n % 7 else None for n in batch.column(NUMBER[table]).to_pylist()]
    at = batch.schema.get_field_index("trace_id")
    return batch.set_column(at, batch.schema.field(at), pa.array(ids, pa.string()))


def traced(
    numbers: Sequence[int], signal: Signal = "traces", tenant: str = DEFAULT_TENANT
) -> Group:
    body = json.dumps(list(numbers)).encode()
    decoded = TracedDecoder().decode(signal, "json", [body], [START_NS])
    return Group(DEFAULT_TENANT, signal, "json", [body], [START_NS], decoded)


def opened_traced(
    data_dir: Path,
    fs: FileSystem | None = None,
    clock: Clock | None = None,
    worker: Worker | None = None,
    **changes: Any,
) -> Storage:
    """Without threads: `tick` does what they do."""
    return Storage.open(
        settings(data_dir, **changes),
        TracedDecoder(),
        clock or ManualClock(START_NS),
        fs,
        worker=worker,
        threads=False,
    )


def looked_up(storage: Storage, table: str, trace_id: str) -> Counter[int]:
    """The numbers of the trace's rows, read from those files alone that may have it."""
    column, found = NUMBER[table], Counter[int]()
    with storage.snapshot(DEFAULT_TENANT) as snapshot:
        files = snapshot.files_with_traces(snapshot.files_within(table, None, None), [trace_id])
        parts = [pq.ParquetFile(file.path).read(columns=["trace_id", column]) for file in files]
        parts += [hot_rows(chunk.fd()) for chunk in snapshot.hot if chunk.table == table]
        for rows in parts:
            found.update(
                number
                for id_, number in zip(
                    rows["trace_id"].to_pylist(), rows[column].to_pylist(), strict=True
                )
                if id_ == trace_id
            )
    return found


def rows_of(numbers: Sequence[int], trace_id: str) -> Counter[int]:
    """What `looked_up` should find."""
    return Counter(n for n in numbers if trace_of(n) == trace_id and n % 7)
