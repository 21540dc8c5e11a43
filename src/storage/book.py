"""The state, and the only ways in which it changes."""

import threading
from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from goldeneye.snapshot import FileEntry
from storage.catalog import CatalogFile
from storage.hot import Chunk, Generation
from storage.rows import HasRows
from storage.series_index import SeriesIndex
from storage.state import State
from storage.watchers import Watchers

# Rows of a generation by (tenant, table), and the promoted columns that have strays.
Tables = dict[tuple[str, str], tuple[pa.Table, frozenset[str]]]


class Book:
    """`state` may be read at any time without a lock; it is replaced whole.

    `changed` guards every change, and is notified when the backlog shrinks.
    """

    def __init__(self, state: State, series: SeriesIndex) -> None:
        self.state = state
        self.series = series
        self.changed = threading.Condition()
        self.watchers = Watchers()

    def publish(self, number: int, groups: Sequence[HasRows], log_bytes: int) -> None:
        """Make the rows of durable groups, which take so many bytes of the log, visible in one
        assignment. Holds `changed`.
        """
        generation = self.state.generations.get(number, Generation(number))
        generation = generation.with_wal_bytes(log_bytes)
        arrived = [chunk for group in groups for chunk in self._chunks(number, group)]
        for chunk in arrived:
            generation = generation.with_chunk(chunk)
        self.state = self.state.with_generation(generation)
        self.watchers.tell(arrived)

    def _chunks(self, number: int, group: HasRows) -> Iterator[Chunk]:
        batches = dict(group.decoded.batches)
        if "metric_series" in batches:
            batches["metric_series"], batches["metric_points"] = self.series.admit(
                number, group.tenant, batches["metric_series"], batches["metric_points"]
            )
        for table, batch in batches.items():
            if batch.num_rows:
                strays = group.decoded.strays.get(table, frozenset())
                yield Chunk(table, group.tenant, pa.Table.from_batches([batch]), strays)

    def without_known_series(self, tables: Tables) -> Tables:
        """The tables with only those series rows that no file has. Holds `changed`."""
        return {
            (tenant, table): (
                self.series.unwritten(tenant, rows) if table == "metric_series" else rows,
                strays,
            )
            for (tenant, table), (rows, strays) in tables.items()
        }

    def written(self, number: int, files: Sequence[CatalogFile]) -> None:
        """The generation is in files now: its rows change places in one assignment."""
        series = [
            ((file.entry.tenant, part.day), part.ids, part.checks)
            for file in files
            for part in file.series
        ]
        with self.changed:
            self.series.written(number, series)
            entries = [file.entry for file in files]
            self.state = self.state.without_generation(number).with_files(entries)
            self.changed.notify_all()

    def replaced(self, new: FileEntry, old: Collection[str]) -> None:
        """One file has taken the place of several."""
        with self.changed:
            self.state = self.state.without_files(frozenset(old)).with_files([new])

    def removed(self, ids: Collection[str]) -> None:
        """The files count no longer. Holds `changed`."""
        self.state = self.state.without_files(frozenset(ids))

    def dropped(self, number: int) -> None:
        """The generation is set aside."""
        with self.changed:
            self.series.forget(number)
            self.state = self.state.without_generation(number)
            self.changed.notify_all()
