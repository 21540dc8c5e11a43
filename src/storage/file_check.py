"""What is wrong with one file, in words: it is read whole and compared with the catalog."""

import filecmp
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from goldeneye.limits import MIB
from storage import parquet
from storage.catalog import CatalogFile
from storage.file_metadata import FileMetadata
from storage.folders import Folders
from storage.partitions import partition_times_ns

_CHUNK_BYTES: Final = 4 * MIB
_UNREADABLE: Final = (OSError, ValueError, KeyError, TypeError, pa.ArrowException)


def faults(folders: Folders, file: CatalogFile) -> Iterator[str]:
    """None where the file, and its link, are what the catalog says."""
    path, link = folders.file(file.entry.id), folders.link(file)
    if not path.exists():
        where = f"; it is still there as {link}" if link.exists() else ""
        yield f"{path}: is missing, with {file.entry.row_count} rows{where}"
        return
    if not link.exists():
        yield f"{link}: the link is missing; a start makes it anew"
    elif not link.samefile(path) and not _is_copy(link, path):
        yield f"{link}: is another file than {path}; delete it, and a start makes the link anew"
    try:
        yield from (f"{path}: {fault}" for fault in _faults(path, file))
    except _UNREADABLE as error:
        yield f"{path}: is damaged: {error}"


def remarks(folders: Folders, file: CatalogFile) -> Iterator[str]:
    """What harms nobody."""
    path, link = folders.file(file.entry.id), folders.link(file)
    if path.exists() and link.exists() and not link.samefile(path) and _is_copy(link, path):
        yield f"{link}: is a copy and no link, and takes its space once more"


def _is_copy(link: Path, path: Path) -> bool:
    return filecmp.cmp(link, path, shallow=False)


def _faults(path: Path, file: CatalogFile) -> Iterator[str]:
    size_bytes = path.stat().st_size
    if size_bytes != file.entry.size_bytes:
        yield f"has {size_bytes} bytes, and the catalog says {file.entry.size_bytes}"
    elif file.crc32 is not None and (found := _crc32(path)) != file.crc32:
        yield f"has the checksum {found:08x}, and the catalog says {file.crc32:08x}"
    yield from _differences(path, file)
    yield from _faults_of_rows(path, file)


def _crc32(path: Path) -> int:
    found = 0
    with path.open("rb") as data:
        while chunk := data.read(_CHUNK_BYTES):
            found = zlib.crc32(chunk, found)
    return found


def _differences(path: Path, file: CatalogFile) -> Iterator[str]:
    """Between what the file says of itself and what the catalog says of it."""
    said, schema = parquet.read_metadata(path)
    entry = file.entry
    own = FileMetadata.of(said).catalog_file(
        Path(entry.path), entry.size_bytes, parquet.columns(schema), file.crc32
    )
    if own.entry.columns != entry.columns:
        differing = sorted(name for name, _ in set(own.entry.columns) ^ set(entry.columns))
        yield f"has not the columns that the catalog says: {', '.join(differing) or 'their order'}"
        own = replace(own, entry=own.entry._replace(columns=entry.columns))
    for name, ours, its in zip(entry._fields, entry, own.entry, strict=True):
        if ours != its:
            yield f"says {name} {its}, and the catalog says {ours}"
    if own.partition != file.partition:
        yield f"says that it is of {own.partition}, and the catalog says {file.partition}"


def _faults_of_rows(path: Path, file: CatalogFile) -> Iterator[str]:
    """Every page is read, its checksum verified."""
    row_count, entry = 0, file.entry
    first_ns, last_ns = entry.max_time_ns, entry.min_time_ns
    with pq.ParquetFile(path, page_checksum_verification=True) as data:
        for batch in data.iter_batches():
            row_count += batch.num_rows
            if batch.num_rows:
                times_ns = partition_times_ns(entry.table, batch)
                first_ns = min(first_ns, int(np.min(times_ns)))
                last_ns = max(last_ns, int(np.max(times_ns)))
    if row_count != entry.row_count:
        yield f"has {row_count} rows, and the catalog says {entry.row_count}"
    if first_ns < entry.min_time_ns or last_ns > entry.max_time_ns:
        yield (
            f"has rows from {first_ns} to {last_ns} ns, and the catalog says from "
            f"{entry.min_time_ns} to {entry.max_time_ns}"
        )
