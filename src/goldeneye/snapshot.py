"""One consistent instant of the data: the words by which the query layer reads the storage."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import NamedTuple, Protocol, Self


class FileEntry(NamedTuple):
    """A committed Parquet file, as the catalog knows it."""

    id: str
    table: str
    tenant: str
    path: str  # absolute, below <data_dir>/files
    row_count: int
    size_bytes: int
    min_time_ns: int  # of the row's partition time (docs/format.md), inclusive
    max_time_ns: int
    columns: tuple[tuple[str, str], ...]  # (name, DuckDB type); equal tuples are one object
    strays: frozenset[str]  # promoted columns whose key also occurs in the JSON
    promotion: str  # schemas.promotion of its writer: of these, `columns` lacks those without value
    max_received_ns: int  # when its last row was received
    last_segment: int = -1  # of a rollup: later segments' points are not in it


class HotChunk(Protocol):
    """Rows that are durable in the WAL and not yet in a file; immutable."""

    @property
    def id(self) -> int:
        """Unique while the process lives."""
        ...

    @property
    def table(self) -> str: ...

    @property
    def tenant(self) -> str: ...

    @property
    def row_count(self) -> int: ...

    @property
    def min_time_ns(self) -> int:
        """As in FileEntry."""
        ...

    @property
    def max_time_ns(self) -> int: ...

    @property
    def strays(self) -> frozenset[str]:
        """As in FileEntry."""
        ...

    def fd(self) -> int:
        """A memfd with the rows as an Arrow IPC stream; open while a snapshot holds the chunk."""
        ...


class Snapshot(Protocol):
    """Files and hot chunks of one tenant, each row once; the files stay until it is released."""

    @property
    def files(self) -> Sequence[FileEntry]: ...

    def files_within(
        self, table: str, min_ns: int | None, max_ns: int | None
    ) -> Sequence[FileEntry]:
        """The table's files that may have rows of these times, both ends included."""
        ...

    def files_with_traces(
        self, files: Sequence[FileEntry], trace_ids: Collection[str]
    ) -> Sequence[FileEntry]:
        """Those of the files, which are of a table with a `trace_id`, that may have one of them."""
        ...

    @property
    def hot(self) -> Sequence[HotChunk]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class SnapshotSource(Protocol):
    def snapshot(self, tenant: str) -> Snapshot: ...

    def watch(
        self, tenant: str, table: str, arrived: Callable[[HotChunk], None]
    ) -> AbstractContextManager[None]:
        """While the block runs, `arrived` is called with each chunk of rows that becomes visible.

        It runs in the thread that commits, which waits for it.
        """
        ...
