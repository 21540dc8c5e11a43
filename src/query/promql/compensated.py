"""Kahan-Neumaier sums over many windows at once, one position of all windows at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isinf
from typing import TypeVar

import numpy as np

from query.promql.samples import Bools, Floats, Ints

# Windows of more samples are not walked one position after the other but in pieces.
LONG = 1024
_PIECE = 256


def add(term: Floats, total: Floats, lost: Floats) -> tuple[Floats, Floats]:
    """A sum and what rounding lost of it, after one more term."""
    grown = total + term
    total_larger = np.abs(total) >= np.abs(term)
    larger = np.where(total_larger, total, term)
    smaller = np.where(total_larger, term, total)
    rest = lost + ((larger - grown) + smaller)
    return grown, np.where(np.isinf(grown), 0.0, rest)


def one_by_one(terms: Sequence[float]) -> tuple[float, float]:
    """The sum of all terms and what rounding lost of it, as `add` has them."""
    total = lost = 0.0
    for term in terms:
        grown = total + term
        if isinf(grown):
            lost = 0.0
        elif abs(total) >= abs(term):
            lost += (total - grown) + term
        else:
            lost += (term - grown) + total
        total = grown
    return total, lost


def finished(total: Floats, lost: Floats) -> Floats:
    """The sum with what was lost, an infinite one as it is."""
    return np.where(np.isinf(total), total, total + lost)


class Positions:
    """Walks windows from their first to their last sample, all of them side by side.

    The windows are put in order of falling length, so that those which still have a sample at
    a position are always the first ones; `restored` puts results back.
    """

    def __init__(self, lows: Ints, counts: Ints) -> None:
        longest = int(counts.max(initial=0))
        same = bool(counts.size) and int(counts.min()) == longest
        self._order = None if same else np.argsort(-counts, kind="stable")
        self.lows = lows if self._order is None else lows[self._order]
        self.counts = counts if self._order is None else counts[self._order]
        self._longest = longest

    def __iter__(self) -> Iterator[Ints]:
        """The samples' indices at each position; shorter and shorter arrays."""
        sizes = np.bincount(self.counts, minlength=self._longest + 1)
        active = len(self.counts)
        for position in range(self._longest):
            active -= int(sizes[position])
            yield self.lows[:active] + position

    def restored(self, results: Floats) -> Floats:
        """Results in the order the windows were given in."""
        if self._order is None:
            return results
        back = np.empty_like(results)
        back[self._order] = results
        return back

    def ordered(self, values: Floats) -> Floats:
        """Values, one for each window as given, in the order of the walk."""
        return values if self._order is None else values[self._order]


def _walked(values: Floats, lows: Ints, counts: Ints) -> tuple[Floats, Floats]:
    """The sum of each window and what rounding lost of it."""
    positions = Positions(lows, counts)
    total, lost = np.zeros(len(lows)), np.zeros(len(lows))
    for index in positions:
        part = slice(len(index))
        total[part], lost[part] = add(values[index], total[part], lost[part])
    return positions.restored(total), positions.restored(lost)


def totals(values: Floats, lows: Ints, counts: Ints) -> Floats:
    """The sum of each window; a long one is summed in pieces side by side."""
    if int(counts.max(initial=0)) <= LONG:
        return finished(*_walked(values, lows, counts))
    pieces = -(-counts // _PIECE)
    starts = np.cumsum(pieces) - pieces
    owner = np.repeat(np.arange(len(lows)), pieces)
    skipped = (np.arange(len(owner)) - starts[owner]) * _PIECE
    sizes = np.minimum(counts[owner] - skipped, _PIECE)
    sums, rests = _walked(values, lows[owner] + skipped, sizes)
    total, lost = _walked(sums, starts, pieces)
    return finished(total, lost + np.add.reduceat(rests, starts) * ~np.isinf(total))


def means(values: Floats, lows: Ints, counts: Ints) -> Floats:
    """The mean of each window; where the sum overflows, of means step by step."""
    if int(counts.max(initial=0)) <= LONG:
        return _stepped_means(values, lows, counts)
    found = totals(values, lows, counts) / counts
    overflown = np.isinf(found)
    found[overflown] = _stepped_means(values, lows[overflown], counts[overflown])
    return found


def _stepped_means(values: Floats, lows: Ints, counts: Ints) -> Floats:
    positions = Positions(lows, counts)
    state = _Means(len(lows))
    for number, index in enumerate(positions):
        state.take(values[index], number)
    return positions.restored(state.result(positions.counts))


Values = TypeVar("Values", Floats, Ints)


@dataclass(frozen=True, slots=True)
class Flat:
    """Some windows, each with its own copy of its samples: window i is `starts[i]` on."""

    windows: slice
    index: Ints
    starts: Ints
    counts: Ints

    def spread(self, values: Values) -> Values:
        """A value of each of these windows beside each of its samples."""
        return np.repeat(values, self.counts)

    def sums(self, terms: Floats) -> Floats:
        """The sum of each window's terms, as they come."""
        found: Floats = np.add.reduceat(terms, self.starts)
        return found


def flattened(lows: Ints, counts: Ints, cells: int = 1 << 22) -> Iterator[Flat]:
    """The windows, so many at a time that about `cells` samples are held."""
    reached, first = np.cumsum(counts), 0
    while first < len(lows):
        before = int(reached[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(reached, before + cells, side="right")))
        sizes = counts[first:last]
        starts = np.cumsum(sizes) - sizes
        index = np.repeat(lows[first:last] - starts, sizes)
        index += np.arange(len(index))
        yield Flat(slice(first, last), index, starts, sizes)
        first = last


class _Means:
    def __init__(self, size: int) -> None:
        self._total, self._lost = np.zeros(size), np.zeros(size)
        self._mean = np.zeros(size)
        self._stepwise: Bools = np.zeros(size, dtype=np.bool_)

    def take(self, terms: Floats, before: int) -> None:
        """One more term for the first windows, each of which has had `before`."""
        part = slice(len(terms))
        if before == 0:
            self._total[part] = terms
            return
        grown, lost = add(terms, self._total[part], self._lost[part])
        overflown = np.isinf(grown) & ~self._stepwise[part]
        if overflown.any() or self._stepwise[part].any():
            self._step(terms, before, overflown, grown, lost)
        else:
            self._total[part], self._lost[part] = grown, lost

    def _step(
        self, terms: Floats, before: int, overflown: Bools, grown: Floats, lost: Floats
    ) -> None:
        part, share = slice(len(terms)), before / (before + 1)
        mean = np.where(overflown, self._total[part] / before, self._mean[part])
        kept = np.where(overflown, self._lost[part] / before, self._lost[part])
        self._stepwise[part] |= overflown
        stepwise = self._stepwise[part]
        mean, kept = add(terms / (before + 1), share * mean, share * kept)
        self._mean[part] = np.where(stepwise, mean, self._mean[part])
        self._lost[part] = np.where(stepwise, kept, lost)
        self._total[part] = np.where(stepwise, self._total[part], grown)

    def result(self, counts: Ints) -> Floats:
        direct = self._total / counts + self._lost / counts
        return np.where(self._stepwise, self._mean + self._lost, direct)
