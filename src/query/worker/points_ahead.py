"""Points of several parts of series, held in little memory: files are read once, however many parts
there are."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from query.prometheus.stored.plain_points import PlainPoints, together
from query.prometheus.stored.series_ids import Ids

Batches = Callable[[Ids], Iterable[PlainPoints]]


class PointsAhead:
    """Of parts without common ids; what was handed out is let go."""

    def __init__(self, parts: Sequence[Ids]) -> None:
        ids = np.concatenate([np.empty(0, dtype=np.uint64), *parts])
        numbers = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        order = np.argsort(ids)
        self._ids: Ids = ids[order]
        self._numbers = numbers[order].astype(np.uint16)
        self._count = len(parts)
        self._held: dict[Hashable, dict[int, PlainPoints]] = {}

    def knows(self, ids: Ids) -> bool:
        """Whether these, which are sorted, are all of one part."""
        if not len(self._ids) or not len(ids):
            return False
        places = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        numbers = self._numbers[places]
        return bool((self._ids[places] == ids).all() and (numbers == numbers[0]).all())

    def points(self, ids: Ids, key: Hashable, read: Batches) -> PlainPoints:
        """Those of series that it knows. `read` gives the points of any series by batches; the key
        tells the columns and times."""
        number = int(self._numbers[np.searchsorted(self._ids, ids[0])])
        held = self._held.get(key, {})
        if number not in held:
            held = self._held[key] = self._read(read)
        return self._of(ids, held.pop(number))

    def _read(self, read: Batches) -> dict[int, PlainPoints]:
        parts: list[list[PlainPoints]] = [[] for _ in range(self._count)]
        for batch in read(self._ids):
            for number, own in self._split(batch):
                parts[number].append(own)
        return {number: together(own or [nothing()]) for number, own in enumerate(parts)}

    def _split(self, batch: PlainPoints) -> Iterator[tuple[int, PlainPoints]]:
        numbers = self._numbers[batch.places]
        order = np.argsort(numbers, kind="stable")
        places, times = batch.places[order], batch.times_ms[order]
        columns = batch.columns.take(pa.array(order))
        ends = np.cumsum(np.bincount(numbers, minlength=self._count)).tolist()
        for number, (first, last) in enumerate(zip([0, *ends], ends, strict=False)):
            if last > first:
                part = slice(first, last)
                own = columns.slice(first, last - first)
                yield number, PlainPoints(places[part], times[part], own)

    def _of(self, ids: Ids, found: PlainPoints) -> PlainPoints:
        """With places among these ids, without the points of others."""
        where = np.full(len(self._ids), -1, dtype=np.int32)
        where[np.searchsorted(self._ids, ids)] = np.arange(len(ids), dtype=np.int32)
        places: NDArray[np.int32] = where[found.places]
        kept = places >= 0
        if kept.all():
            return found._replace(places=places)
        columns = found.columns.filter(pa.array(kept))
        return PlainPoints(places[kept], found.times_ms[kept], columns)


def nothing() -> PlainPoints:
    """No points."""
    places, times = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64)
    return PlainPoints(places, times, pa.table({}))
