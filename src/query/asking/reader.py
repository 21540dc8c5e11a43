"""How a question reads the data: statements of ours, each over one snapshot, answered in Arrow."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from goldeneye.errors import QueryOverBudget
from goldeneye.schemas import DEFAULT_TENANT
from goldeneye.snapshot import FileEntry, HotChunk
from query.file_times import RowsOfTime
from query.part_of_snapshot import Part
from query.pool import Cancellation
from query.reads import Choose, Found, Reads
from query.service import QueryService, SqlQuery

Params = Mapping[str, Any]
_NONE: Final[Params] = {}


class Reader:
    """Asks on behalf of one request, and remembers what its answers lack; for one thread."""

    def __init__(
        self,
        service: QueryService,
        cancellation: Cancellation | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> None:
        self._service = service
        self._cancellation = cancellation or Cancellation()
        self._tenant = tenant
        self.memory = service.memory
        self.promql = service.promql
        self.timeout_s = service.timeout_s
        self.monotonic_s = service.monotonic_s
        self.now_ns = service.now_ns()
        self.files_read = 0
        self.missing_files: set[str] = set()

    def beside(self) -> "Reader":
        """One for another thread, which asks for the same request at the same instant."""
        other = Reader(self._service, self._cancellation, self._tenant)
        other.now_ns = self.now_ns
        return other

    def add(self, other: "Reader") -> None:
        """What another one's answers lack, these lack too."""
        self.files_read += other.files_read
        self.missing_files |= other.missing_files

    def rows_within(self, table: str, start_ns: int | None, end_ns: int | None) -> int:
        """At most so many rows of a stored table are of these times, as the catalog knows."""
        return self._service.rows_within(table, start_ns, end_ns, self._tenant)

    def files(self, table: str, start_ns: int | None, end_ns: int | None) -> Sequence[FileEntry]:
        """The files of a stored table that may have rows of these times."""
        return self._service.files(table, start_ns, end_ns, self._tenant)

    def read(self, reads: Reads) -> Sequence[pa.Table]:
        """As `table`, of statements that say what they read, which is quicker: all rows of each,
        over one snapshot. Raises what QueryService.read raises."""
        found = self._service.read(reads, self._cancellation)
        self.files_read += found.files_read
        self.missing_files.update(found.missing_files)
        return found.tables

    def read_chosen(self, choose: Choose) -> Sequence[Found]:
        """As `read`, of what `choose` wants of the snapshot that it is shown, where it wants
        anything; it may be shown two, and what it said of the last one is read."""
        found = self._service.read_chosen(choose, self._tenant, self._cancellation)
        self.files_read += sum(one.files_read for one in found)
        self.missing_files.update(*(one.missing_files for one in found))
        return found

    def rows_of_times(
        self, table: str, start_ns: int | None, end_ns: int | None
    ) -> Sequence[RowsOfTime]:
        """Where the rows of a stored table's files are."""
        return self._service.rows_of_times(table, start_ns, end_ns, self._tenant)

    def table(
        self,
        sql: str,
        params: Params = _NONE,
        start_ns: int | None = None,
        end_ns: int | None = None,
        chunks: Sequence[HotChunk] | None = None,
        part: Part | None = None,
    ) -> pa.Table:
        """All rows of the answer; `start_ns` (inclusive) and `end_ns` (exclusive) bound the rows
        that the tables have, by their partition time; with `chunks` they have no others, with
        `part` not all.

        Raises what QueryService.run raises, and QueryOverBudget where the rows are too many.
        """
        query = SqlQuery(
            sql, params, start_ns, end_ns, "arrow", self._tenant, chunks=chunks, part=part
        )
        with self._service.run(query, self._cancellation) as answer:
            self.files_read += answer.files_read
            self.missing_files.update(answer.missing_files)
            if answer.truncated:
                raise QueryOverBudget(
                    f"the answer is made of more than {answer.row_count} rows (query.max_rows): "
                    "ask about less time, or about fewer things"
                )
            return answer.table()
