"""What a question of Prometheus's API reads by, in the worker that answers it."""

from collections.abc import Collection, Sequence
from typing import Protocol

import pyarrow as pa

from query.prometheus.settings import PromqlSettings
from query.prometheus.stored.plain_points import PlainPoints
from query.prometheus.stored.series_ids import Ids, SeriesIds
from query.prometheus.stored.series_memory import SeriesMemory
from query.prometheus.stored.span import Bounds
from query.reads import Reads


class Reader(Protocol):
    """One snapshot, of the tables and times that the question was prepared with.

    `series` are labels of series, remembered for questions to come; `part_samples` may be held at
    once, of which some are evaluated at a time, as far as they can be told apart; `max_cells` is as
    in query.promql.engine.Limits.
    """

    promql: PromqlSettings
    now_ns: int
    series: SeriesMemory
    missing_files: int
    part_samples: int
    max_cells: int

    def read(self, reads: Reads) -> Sequence[pa.Table]:
        """A table for each statement. Raises TooManyRows."""
        ...

    def points(
        self, ids: Ids, columns: Sequence[str], within: Bounds, max_rows: int
    ) -> PlainPoints | None:
        """Of the points of the series with these sorted ids, from a first instant to before a
        last; None where SQL is to read them. Raises TooManyRows."""
        ...

    def expect(self, parts: Sequence[Ids]) -> None:
        """Points of these series are asked for part after part: they may be read at once."""
        ...

    def most_points(self, ids: Ids, within: Bounds) -> int | None:
        """More points than these the series do not have; None where nobody knows."""
        ...

    def series_ids(self, days: Bounds) -> SeriesIds:
        """Of the series that had points on these days, from a first instant to before a last."""
        ...

    def hours_rolled_up(self) -> Collection[int]:
        """Hours since 1970 of which no point is missing in the rows of `metric_rollups`."""
        ...
