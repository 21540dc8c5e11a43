"""The distinct runs of letters of texts (native/src/letters.rs)."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc

from goldeneye import limits

try:
    import goldeneye_native
except ImportError:
    IS_NATIVE = False
else:
    IS_NATIVE = True

# So that a word that is there once names a part of a file: a scan of it takes 20 ms.
_ROWS: Final = 200_000
_SCHEMA: Final = pa.schema(
    [("first_ns", pa.int64()), ("last_ns", pa.int64()), ("letters", pa.string())]
)


def write_letters(texts: Any, file: BinaryIO) -> None:
    """Of a reader of times and texts, as an Arrow IPC stream: of each stretch of rows its first and
    last time and all runs, null where these are too many; no row without the native core."""
    with pa.ipc.new_stream(file, _SCHEMA) as writer:
        for stretch in _stretches(texts) if IS_NATIVE else ():
            runs = goldeneye_native.LetterRuns(limits.MAX_LETTERS_BYTES)
            for batch in stretch:
                runs.add(batch.column(1))
            times = [pc.min_max(batch.column(0).cast(pa.int64())).as_py() for batch in stretch]
            first_ns, last_ns = min(one["min"] for one in times), max(one["max"] for one in times)
            row = {"first_ns": first_ns, "last_ns": last_ns, "letters": runs.joined()}
            writer.write_table(pa.Table.from_pylist([row], schema=_SCHEMA))


def _stretches(texts: Any) -> Iterator[list[pa.RecordBatch]]:
    stretch: list[pa.RecordBatch] = []
    with texts:
        for batch in texts:
            stretch.append(batch)
            if sum(one.num_rows for one in stretch) >= _ROWS:
                yield stretch
                stretch = []
    if stretch:
        yield stretch
