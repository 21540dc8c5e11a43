"""Labels of series, remembered in columns: some 60 bytes a series where they share their texts."""

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from query.prometheus.stored.family import Family
from query.promql.labels import Labels
from query.promql.matching import passing_values
from query.promql.samples import Bools, Ints
from query.promql.tree import Matcher

# A pair with its texts, its place in a dictionary and in a list.
_PAIR_BYTES: Final = 250
# Series that become objects at once.
_BATCH: Final = 10_000
Word = TypeVar("Word", bound=Hashable)


class Series(NamedTuple):
    """`labels` are all but the name, `le` and `quantile`; `target` are those of `target_info`."""

    family: Family
    labels: Labels
    target: Labels


class _Words(dict[Word, int]):
    """Numbers of values, made as they are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.listed: list[Word] = []

    def __missing__(self, value: Word) -> int:
        number = self[value] = len(self.listed)
        self.listed.append(value)
        return number


class _Pairs(_Words[tuple[str, str]]):
    """Labels; `of_name` are the numbers of those with one name."""

    def __init__(self) -> None:
        super().__init__()
        self.of_name: dict[str, list[int]] = {}

    def __missing__(self, value: tuple[str, str]) -> int:
        number = super().__missing__(value)
        self.of_name.setdefault(value[0], []).append(number)
        return number


class SeriesMemory:
    """By id. What does not fit makes it forget all that was there before; for one thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._pairs = _Pairs()
        self._targets: _Words[Labels] = _Words()
        self._families: _Words[Family] = _Words()
        # Sorted, and where the rows of the other columns are.
        self._ids: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)
        self._rows = np.empty(0, dtype=np.int32)
        self._family = np.empty(0, dtype=np.int32)
        self._target = np.empty(0, dtype=np.int32)
        self._hashes = np.empty(0, dtype=np.int64)
        self._ends = np.zeros(1, dtype=np.int64)
        self._flat = np.empty(0, dtype=np.int32)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def size_bytes(self) -> int:
        """About what it takes."""
        columns = (self._ids, self._rows, self._family, self._target, self._hashes, self._ends)
        words = len(self._pairs) + len(self._targets) + len(self._families)
        return sum(one.nbytes for one in columns) + self._flat.nbytes + _PAIR_BYTES * words

    def known(self, ids: NDArray[Any]) -> Bools:
        """Which of them are remembered."""
        if not len(self._ids):
            return np.zeros(len(ids), dtype=np.bool_)
        found: Bools = self._ids[self._places(ids)] == ids
        return found

    def put(self, ids: Sequence[int], series: Sequence[Series]) -> None:
        """Remember those that are not known yet, each id once."""
        new = np.array(ids, dtype=np.uint64)
        first = len(self._family)
        pairs = self._pairs
        numbers = [[pairs[pair] for pair in one.labels] for one in series]
        self._family = _with(self._family, [self._families[one.family] for one in series])
        self._target = _with(self._target, [self._targets[one.target] for one in series])
        self._hashes = _with(self._hashes, [hash(one.labels) for one in series])
        self._flat = _with(self._flat, [number for own in numbers for number in own])
        ends = np.cumsum([len(own) for own in numbers], dtype=np.int64) + self._ends[-1]
        self._ends = np.concatenate((self._ends, ends))
        rows = np.arange(first, first + len(new), dtype=np.int32)
        ids_, rows = np.concatenate((self._ids, new)), np.concatenate((self._rows, rows))
        order = np.argsort(ids_, kind="stable")
        self._ids, self._rows = ids_[order], rows[order]
        if self.size_bytes > self._most_bytes:
            self.clear()

    def series(self, ids: NDArray[Any]) -> Iterator[Series]:
        """Those of these ids, all of which are known."""
        pairs, targets, families = (
            words.listed for words in (self._pairs, self._targets, self._families)
        )
        for first in range(0, len(ids), _BATCH):
            rows = self._row_numbers(ids[first : first + _BATCH])
            lengths = np.diff(self._ends)[rows]
            ends = np.cumsum(lengths)
            starts = np.repeat(self._ends[rows] - (ends - lengths), lengths)
            # One after the other they take three times as long.
            numbers = self._flat[starts + np.arange(len(starts))].tolist()
            own = [pairs[number] for number in numbers]
            columns = (self._family[rows], self._target[rows], ends - lengths, ends)
            for family, target, begin, end in zip(*(c.tolist() for c in columns), strict=True):
                yield Series(families[family], tuple(own[begin:end]), targets[target])

    def hashes(self, ids: NDArray[Any]) -> Ints:
        """Of the labels; equal ones have one hash."""
        found: Ints = self._hashes[self._row_numbers(ids)]
        return found

    def of_families(self, ids: NDArray[Any], families: frozenset[Family]) -> Bools:
        """Which of them, all of which are known, are of these metrics."""
        numbers = [n for n, family in enumerate(self._families.listed) if family in families]
        found: Bools = np.isin(self._family[self._row_numbers(ids)], numbers)
        return found

    def families(self, ids: NDArray[Any]) -> set[Family]:
        """The metrics of these ids, all of which are known."""
        numbers = np.unique(self._family[self._row_numbers(ids)])
        return {self._families.listed[number] for number in numbers.tolist()}

    def targets(self, ids: NDArray[Any]) -> list[Labels]:
        """The different ones of these ids, all of which are known."""
        numbers = np.unique(self._target[self._row_numbers(ids)])
        return [self._targets.listed[number] for number in numbers.tolist()]

    def passing(self, ids: NDArray[Any], matchers: Sequence[Matcher]) -> Bools:
        """Which of them, all of which are known, have labels that all matchers let through.

        Raises ParseFailure.
        """
        rows = self._row_numbers(ids)
        found: Bools = np.ones(len(rows), dtype=np.bool_)
        for matcher in matchers:
            found &= self._passing(matcher)[rows]
        return found

    def values(self, ids: NDArray[Any], name: str) -> set[str]:
        """Of one label of these ids, all of which are known."""
        has = self._has_pairs(ids)
        numbers = self._pairs.of_name.get(name, [])
        return {self._pairs.listed[number][1] for number in numbers if has[number]}

    def names(self, ids: NDArray[Any]) -> set[str]:
        """Of the labels of these ids, all of which are known."""
        has = self._has_pairs(ids)
        return {name for name, numbers in self._pairs.of_name.items() if has[numbers].any()}

    def _passing(self, matcher: Matcher) -> Bools:
        """Which of all rows."""
        numbers = self._pairs.of_name.get(matcher.name, [])
        values = [self._pairs.listed[number][1] for number in numbers]
        *passed, without = passing_values(matcher, [*values, ""])
        differ = [number for number, one in zip(numbers, passed, strict=True) if one != without]
        is_one = np.zeros(len(self._pairs), dtype=np.bool_)
        is_one[differ] = True
        # A single label is found without looking each one up.
        hits = self._flat == differ[0] if len(differ) == 1 else is_one[self._flat]
        found: Bools = np.full(len(self._family), without, dtype=np.bool_)
        found[np.searchsorted(self._ends, np.flatnonzero(hits), side="right") - 1] = not without
        return found

    def _has_pairs(self, ids: NDArray[Any]) -> Bools:
        """Which labels some of the ids have."""
        wanted = np.zeros(len(self._family), dtype=np.bool_)
        wanted[self._row_numbers(ids)] = True
        found: Bools = np.zeros(len(self._pairs), dtype=np.bool_)
        own = self._flat if wanted.all() else self._flat[np.repeat(wanted, np.diff(self._ends))]
        found[own] = True
        return found

    def _places(self, ids: NDArray[Any]) -> Ints:
        if len(ids) == len(self._ids) and np.array_equal(self._ids, ids):
            return np.arange(len(ids))
        found: Ints = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
        return found

    def _row_numbers(self, ids: NDArray[Any]) -> NDArray[np.int32]:
        found: NDArray[np.int32] = self._rows[self._places(ids)]
        return found


def _with(column: NDArray[Any], more: list[int]) -> NDArray[Any]:
    return np.concatenate((column, np.array(more, dtype=column.dtype)))
