"""More days of the same traffic: the files of spans again, with other ids and later times.

    python benchmarks/copies.py DATA_DIR COPIES [--into DIR]

For figures of a hundred million spans, whose way through log, flush and merge takes an hour: each
copy of a merged file has every trace and span id changed, all times days later, and is encoded,
given its filter and named in the catalog as a merged file is. User and request ids stay, as do the
times of events; what is derived from spans is not copied. With --into a folder of hard links is
made first, and the given one stays as it is.
"""

import argparse
import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from goldeneye.clock import DAY_NS
from storage import parquet, trace_filter
from storage.catalog import Catalog, CatalogFile
from storage.file_metadata import FileMetadata
from storage.file_system import RealFileSystem
from storage.folders import Folders
from storage.lake import Lake

_DIGITS: Final = b"0123456789abcdef"
_IDS: Final = ("trace_id", "span_id", "parent_span_id")
_TIMES: Final = ("start_time", "end_time", "received_time")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("copies", type=int)
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    data_dir = arguments.data_dir
    if arguments.into is not None:
        shutil.copytree(data_dir, arguments.into, copy_function=linked)
        data_dir = arguments.into
    add_copies(data_dir, arguments.copies)


def linked(source: str, target: str) -> None:
    """Copy a file; files of data never change, so a link will do."""
    data = source.endswith((".parquet", trace_filter.SUFFIX))
    (os.link if data else shutil.copy2)(source, target)


def add_copies(data_dir: Path, copies: int) -> None:
    """At most 15: each turns the digits of the ids by one more."""
    fs, folders = RealFileSystem(), Folders(data_dir)
    lake = Lake(fs, folders)
    with Catalog(folders.catalog, folders.files) as catalog:
        originals = [file for file in catalog.files() if file.entry.table == "spans"]
        for turn in range(1, copies + 1):
            for ordinal, original in enumerate(originals):
                file = _copied(folders, original, turn, ordinal)
                catalog.commit([file], {})
                lake.add([file])
            print(f"{turn} of {copies} copies", flush=True)


def _copied(folders: Folders, original: CatalogFile, turn: int, ordinal: int) -> CatalogFile:
    source = Path(original.entry.path)
    said, schema = parquet.read_metadata(source)
    metadata = _later(FileMetadata.of(said), turn, f"m{turn:020d}-{ordinal:04d}")
    data = parquet.encode_stream(_rows(source, turn), schema, metadata.as_json())
    path = folders.file(metadata.id)
    path.write_bytes(data)
    trace_filter.path_of(path).write_bytes(trace_filter.filter_of(data))
    return metadata.catalog_file(path, len(data), parquet.columns(schema), zlib.crc32(data))


def _later(metadata: FileMetadata, days: int, id_: str) -> FileMetadata:
    return replace(
        metadata,
        id=id_,
        day=metadata.day + days,
        min_time_ns=metadata.min_time_ns + days * DAY_NS,
        max_time_ns=metadata.max_time_ns + days * DAY_NS,
        max_received_ns=metadata.max_received_ns + days * DAY_NS,
        replaces=(),
        commit=(id_,),
    )


def _rows(path: Path, turn: int) -> Iterator[pa.RecordBatch]:
    later = pa.scalar(turn * DAY_NS, pa.duration("ns"))
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=parquet.MERGED_ROW_GROUP_ROWS):
            columns: dict[str, Any] = dict(zip(batch.schema.names, batch.columns, strict=True))
            for name in _IDS:
                columns[name] = _turned(columns[name], turn)
            for name in _TIMES:
                columns[name] = pc.add(columns[name], later).cast(batch.schema.field(name).type)
            yield pa.RecordBatch.from_arrays(list(columns.values()), schema=batch.schema)


def _turned(ids: pa.Array, turn: int) -> pa.Array:
    """Hex digits, each as many further on: other ids, and children still find their parents."""
    table = np.arange(256, dtype=np.uint8)
    table[list(_DIGITS)] = [_DIGITS[(at + turn) % 16] for at in range(16)]
    validity, offsets, data = ids.buffers()
    turned = pa.py_buffer(table[np.frombuffer(data, np.uint8)])
    return pa.StringArray.from_buffers(
        len(ids), offsets, turned, validity, ids.null_count, ids.offset
    )


if __name__ == "__main__":
    main()
