"""Which series a selector is about, where they are too many to be held with their samples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from goldeneye.sql_files import sql
from query.asking.statements import filled
from query.prometheus.reader import Reader
from query.prometheus.stored.conditions import MAX_IDS, of_metrics, of_series
from query.prometheus.stored.families import Named
from query.prometheus.stored.series import matching
from query.prometheus.stored.series_ids import Ids
from query.prometheus.stored.span import Span
from query.promql.naming.families import Part
from query.promql.samples import Ints
from query.promql.tree import Matcher
from query.reads import Reads, Statement

# Series whose labels are looked at at once.
_BATCH: Final = 100_000
# Few series have points more often.
_MIN_INTERVAL_S: Final = 1
# Of a histogram in Prometheus, as far as nobody has counted.
_BUCKETS: Final = 12
# The less is looked at at a time, the less memory that takes beside what is held.
_PARTS_A_PASS: Final = 8
_COLUMNS: Final = ("series_id", "name", "time", "received_time")


@dataclass(frozen=True)
class Chosen:
    """Sorted ids of series of these metrics, of so many `among`; those of equal labels have
    one hash.

    `samples_a_point` is more than one where a point has buckets.
    """

    names: frozenset[str]
    ids: Ids
    hashes: Ints
    among: int
    samples_a_point: int

    def passes(self, reader: Reader, span: Span) -> Iterator[Sequence[Ids]]:
        """The ids, as many as may be held at once, in parts that are looked at one after the other;
        those of equal labels together."""
        samples = self._samples(reader, span)
        passes = max(1, -(-samples // reader.part_samples))
        by_ids = -(-len(self.ids) // MAX_IDS)
        wanted = max(passes, by_ids, -(-samples * _PARTS_A_PASS // reader.part_samples))
        parts = self._parts(max(1, min(wanted, len(self.ids))))
        size = -(-len(parts) // passes)
        yield from (parts[first : first + size] for first in range(0, len(parts), size))

    def _parts(self, count: int) -> Sequence[Ids]:
        if count == 1:
            return [self.ids]
        order = np.argsort(self.hashes, kind="stable")
        ids, hashes = self.ids[order], self.hashes[order]
        cuts = np.linspace(0, len(ids), count + 1).astype(np.int64)[1:-1]
        if (hashes[1:] != hashes[:-1]).all():
            # Hashes are others in each process, and answers are not to be.
            return np.split(self.ids, cuts)
        # Where equal hashes begin.
        cuts = np.unique(np.searchsorted(hashes, hashes[cuts]))
        return [np.sort(part) for part in np.split(ids, cuts) if len(part)]

    def _samples(self, reader: Reader, span: Span) -> int:
        """How many there are, at most."""
        most = self._most_samples(span)
        if most is None or most > reader.part_samples // _PARTS_A_PASS:
            points = reader.most_points(self.ids, span.whole_ns)
            most = None if points is None else points * self.samples_a_point
        if most is None or most > reader.part_samples:
            most = self._points(reader, span) * self.samples_a_point
        return most

    def _most_samples(self, span: Span) -> int | None:
        if span.start_ms is None or span.end_ms is None:
            return None
        points = (span.end_ms - span.start_ms) // 1000 // _MIN_INTERVAL_S + 1
        return len(self.ids) * self.samples_a_point * points

    def _points(self, reader: Reader, span: Span) -> int:
        rows = of_series(of_metrics(self.names), self.ids, self.among)
        text = filled(sql("query.prometheus.stored", "points"), {"condition": rows.sql})
        statement = Statement(text, {"metric_points": _COLUMNS}, rows.params)
        (found,) = reader.read(Reads([statement], *span.whole_ns))
        return int(found.column("points")[0].as_py())


def chosen(
    reader: Reader,
    span: Span,
    named: Sequence[Named],
    matchers: Sequence[Matcher],
    every: Ids,
) -> Chosen:
    """By the metrics of the name, `every` being the ids of their series, and by matchers."""
    names = frozenset(one.family.name for one in named)
    found: list[tuple[Ids, Ints]] = [(every[:0], np.empty(0, dtype=np.int64))]
    for first in range(0, len(every), _BATCH):
        batch = every[first : first + _BATCH]
        found.append(matching(reader, span, named, matchers, batch, len(every)))
    ids = np.concatenate([own for own, _ in found])
    hashes = np.concatenate([own for _, own in found])
    with_buckets = any(one.part is Part.BUCKET for one in named)
    return Chosen(names, ids, hashes, len(every), _BUCKETS if with_buckets else 1)
