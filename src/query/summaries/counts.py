"""Counts of spans by service, whether they are entries, and bucket of duration, as arrays."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from goldeneye import limits
from query.percentiles.asked import Group
from query.percentiles.weighted import duration_of

# A duration has at most 63 bits: the last bucket is 2015. Before the first come -1 and NULL.
_SLOTS: Final = 2_048
_DURATIONS: Final = np.array([duration_of(slot - 2) for slot in range(_SLOTS)])
# The sums of so many services, with their buckets, are laid out at once.
_AT_ONCE: Final = 1_000
_EXACT: Final = ("places", "spans", "errors")
Numbers = npt.NDArray[Any]
EMPTY: Final[Numbers] = np.empty(0, np.int32)


class TooManyNames(Exception):
    """There are more services than are numbered: an id is used for a name."""


class Names:
    """Numbers of services' names, of which each keeps its own."""

    def __init__(self) -> None:
        self._numbers: dict[str | None, int] = {}
        self._names: list[str | None] = []
        self._lock = threading.Lock()

    def numbers(self, names: Sequence[str | None]) -> Numbers:
        """Raises TooManyNames."""
        with self._lock:
            if len({*names} - self._numbers.keys()) + len(self._names) > limits.MAX_NAMES:
                raise TooManyNames
            for name in names:
                if name not in self._numbers:
                    self._numbers[name] = len(self._names)
                    self._names.append(name)
            return np.array([self._numbers[name] for name in names], np.int32)

    def name(self, number: int) -> str | None:
        return self._names[number]


@dataclass(frozen=True)
class Counts:
    """`at`, in order, is the number of the minute or hour since 1970; `places` tell service,
    entry and bucket. The adjusted counts are None where they are the counts."""

    at: Numbers
    places: Numbers
    spans: Numbers
    errors: Numbers
    adjusted: Numbers | None
    adjusted_errors: Numbers | None

    @staticmethod
    def of(table: pa.Table, names: Names) -> "Counts":
        """From the columns of rollup_counts.sql."""
        spans, errors = (_column(table, name, np.int64) for name in ("span_count", "error_count"))
        adjusted = _column(table, "adjusted_count", np.float64)
        adjusted_errors = _column(table, "adjusted_error_count", np.float64)
        plain = bool(np.array_equal(adjusted, spans) and np.array_equal(adjusted_errors, errors))
        at = _column(table, "unit", np.int32) if "unit" in table.column_names else spans[:0]
        return Counts(
            at,
            _places(table, names),
            spans.astype(np.int32) if spans.max(initial=0) < 2**31 else spans,
            errors.astype(np.int32) if spans.max(initial=0) < 2**31 else errors,
            None if plain else adjusted,
            None if plain else adjusted_errors,
        )

    def within(self, first: int, last: int) -> "Counts":
        """Those of the times from `first` to before `last`."""
        low, high = np.searchsorted(self.at, [first, last])
        if (low, high) == (0, self.rows):
            return self
        return self._chosen(lambda column: column[low:high])

    def part(self, rows: Numbers | slice) -> "Counts":
        """Those of some rows, or where a column of booleans says so, in memory of their own."""
        return self._chosen(lambda column: column[rows].copy())

    def has(self, at: int) -> bool:
        """Whether any are of this time."""
        low, high = np.searchsorted(self.at, [at, at + 1])
        return bool(low < high)

    @staticmethod
    def joined(parts: Sequence["Counts"]) -> "Counts":
        """All of the parts, without times."""
        columns = [[getattr(part, name) for part in parts] for name in _EXACT]
        places, spans, errors = (np.concatenate(own) if own else EMPTY for own in columns)
        return Counts(
            EMPTY,
            places,
            spans,
            errors,
            _adjusted(parts, "adjusted", "spans"),
            _adjusted(parts, "adjusted_errors", "errors"),
        )

    def _chosen(self, choose: Callable[[Numbers], Numbers]) -> "Counts":
        return Counts(
            choose(self.at),
            choose(self.places),
            choose(self.spans),
            choose(self.errors),
            None if self.adjusted is None else choose(self.adjusted),
            None if self.adjusted_errors is None else choose(self.adjusted_errors),
        )

    def together(self) -> "Counts":
        """Those of all times, without times; as they are where the places are too many."""
        size = int(self.places.max(initial=-1)) + 1
        if size > _AT_ONCE * 2 * _SLOTS:
            return self
        spans = np.bincount(self.places, self.spans, size)
        places = np.flatnonzero(spans)

        def summed(column: Numbers | None) -> Numbers | None:
            return None if column is None else np.bincount(self.places, column, size)[places]

        errors = np.bincount(self.places, self.errors, size)[places]
        adjusted = (summed(self.adjusted), summed(self.adjusted_errors))
        return Counts(self.at[:0], places, spans[places], errors, *adjusted)

    @property
    def services(self) -> Numbers:
        """Their numbers."""
        return self.places // (2 * _SLOTS)

    @property
    def rows(self) -> int:
        return len(self.places)


def _adjusted(parts: Sequence[Counts], name: str, exact: str) -> Numbers | None:
    """The column of all parts, None where none has it."""
    own = [getattr(part, name) for part in parts]
    if all(one is None for one in own):
        return None
    return np.concatenate(
        [getattr(part, exact) if one is None else one for part, one in zip(parts, own, strict=True)]
    )


def groups(
    parts: Sequence[Counts], names: Names, asked: Sequence[float], by_entry: bool = True
) -> dict[tuple[Any, ...], Group]:
    """All of the parts by the service's name and, `by_entry`, whether they are entries."""
    # Each service has two, of which the second are its entries.
    owners = max((int(part.places.max(initial=-1)) for part in parts), default=-1) // _SLOTS + 1
    owners += owners % 2
    found: dict[tuple[Any, ...], Group] = {}
    for first in range(0, owners, _AT_ONCE):
        last = min(first + _AT_ONCE, owners)
        sums = _sums(parts, first, last, whole=owners <= _AT_ONCE)
        if not by_entry:
            sums = [one[::2] + one[1::2] for one in sums]
        for row in np.flatnonzero(sums[0].any(axis=1)):
            service, entry = divmod(int(row), 2) if by_entry else (int(row), 0)
            name = names.name(first // 2 + service)
            key = (name, bool(entry)) if by_entry else (name,)
            found[key] = _group([one[row] for one in sums], asked)
    return found


def _sums(parts: Sequence[Counts], first: int, last: int, whole: bool) -> list[Numbers]:
    """By service and entry, from `first` to before `last`, and bucket: the four counts."""
    low, size = first * _SLOTS, (last - first) * _SLOTS
    spans, errors, more, more_errors = (np.zeros(size) for _ in range(4))
    for part in parts:
        chosen: Any = slice(None)
        if not whole:
            chosen = np.flatnonzero((part.places >= low) & (part.places < low + size))
        places, failed = part.places[chosen] - low, part.errors[chosen]
        some = np.flatnonzero(failed)  # They are few.
        spans += np.bincount(places, part.spans[chosen], size)
        errors += np.bincount(places[some], failed[some], size)
        if part.adjusted is not None and part.adjusted_errors is not None:
            # What the adjusted counts are more than the others.
            beyond = part.adjusted[chosen] - part.spans[chosen]
            more += np.bincount(places, beyond, size)
            beyond = part.adjusted_errors[chosen] - failed
            more_errors += np.bincount(places, beyond, size)
    sums = (spans, errors, spans + more, errors + more_errors)
    return [one.reshape(-1, _SLOTS) for one in sums]


def _group(sums: Sequence[Numbers], asked: Sequence[float]) -> Group:
    """Of the sums of one service's buckets."""
    spans, errors, adjusted, adjusted_errors = sums
    return Group(
        int(spans.sum()),
        int(errors.sum()),
        float(adjusted.sum()),
        float(adjusted_errors.sum()),
        int(spans[1:].sum()),
        _quantiles(adjusted[1:], asked),
    )


def _quantiles(weights: Numbers, asked: Sequence[float]) -> list[float | None]:
    """As weighted.quantiles, of all buckets in order."""
    counted = np.cumsum(weights)
    if counted[-1] <= 0:
        return [None] * len(asked)
    positions = np.maximum(0.0, np.array(asked) * (counted[-1] - 1))
    below = np.floor(positions)
    last = int(np.searchsorted(counted, counted[-1]))
    low, high = (
        _DURATIONS[1 + np.minimum(np.searchsorted(counted, rank, "right"), last)]
        for rank in (below, below + 1)
    )
    return [float(value) for value in low + (high - low) * (positions - below)]


def _column(table: pa.Table, name: str, kind: Any) -> Numbers:
    found: Numbers = table.column(name).to_numpy().astype(kind)
    return found


def _places(table: pa.Table, names: Names) -> Numbers:
    services = table.column("service_name").combine_chunks()
    encoded = services.dictionary_encode(null_encoding="encode")
    numbers = names.numbers(encoded.dictionary.to_pylist())
    service = numbers[encoded.indices.to_numpy()] if len(numbers) else numbers
    entry = table.column("is_entry").to_numpy().astype(np.int32)
    bucket = table.column("bucket").fill_null(-2).to_numpy().astype(np.int32)
    places: Numbers = (service * 2 + entry) * _SLOTS + bucket + 2
    return places
