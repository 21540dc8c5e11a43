"""The process that merges and rolls up: a task as JSON on standard input, the result as JSON on
the output.

python -m storage.compaction.worker
"""

import json
import os
import resource
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from goldeneye import allocator
from goldeneye.limits import MIB
from goldeneye.schemas import WITH_TRACE_FILTERS
from storage.compaction.merge import merged
from storage.compaction.room import Room
from storage.file_system import FileSystem, RealFileSystem
from storage.parquet import columns
from storage.partitions import Partition
from storage.rollups.work import roll_up
from storage.trace_filter import filter_of, path_of

# Several times what a merge of TARGET_BYTES was seen to need.
_MEMORY_BYTES: Final = 3072 * MIB
_NICENESS: Final = 10


def main() -> None:
    allocator.keep_little()
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    json.dump(carry_out(json.load(sys.stdin), RealFileSystem()), sys.stdout)


def carry_out(task: Mapping[str, Any], fs: FileSystem) -> dict[str, Any]:
    """Write the task's output durably; what the catalog wants to know of it."""
    if "hours" in task:
        return roll_up(task, fs)
    data, schema, metadata = merged(
        [Path(path) for path in task["inputs"]],
        task["id"],
        Partition(task["day"], task["hour"]),
        Room.of(task["room"]),
    )
    output = Path(task["output"])
    _write(fs, output, memoryview(data))
    if metadata.table in WITH_TRACE_FILTERS:
        _write(fs, path_of(output), memoryview(filter_of(data)))
    return {
        "metadata": metadata.as_json(),
        "columns": columns(schema),
        "size_bytes": len(data),
        "crc32": zlib.crc32(data),
    }


def _write(fs: FileSystem, path: Path, data: memoryview) -> None:
    fd = fs.create(path)
    try:
        fs.write(fd, [data])
        fs.sync_data(fd)
    finally:
        fs.close(fd)


if __name__ == "__main__":
    main()
