"""One native histogram: sparse buckets of an exponential schema, or of bounds of its own."""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache

from query.promql.numbers import general

CUSTOM_BUCKETS = -53
# The bound of the last bucket of numbers; the one above counts infinities.
_LARGEST = sys.float_info.max
# As Go reckons it; the last digit should be a 1.
_ROOT_OF_2 = 1.414213562373095
Buckets = dict[int, float]


class ResetHint(Enum):
    """What a sample says about the counter it belongs to."""

    UNKNOWN = "unknown"
    RESET = "reset"
    NOT_RESET = "not_reset"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket as a range of values and the observations in it."""

    lower: float
    upper: float
    lower_inclusive: bool
    upper_inclusive: bool
    count: float

    def __str__(self) -> str:
        opening, closing = (
            "[" if self.lower_inclusive else "(",
            "]" if self.upper_inclusive else ")",
        )
        return (
            f"{opening}{general(self.lower)},{general(self.upper)}{closing}:{general(self.count)}"
        )


@dataclass(frozen=True, slots=True)
class Histogram:
    """Schema n has 2^n buckets for each power of two; -53 has `custom_bounds` (upper ones)."""

    schema: int = 0
    count: float = 0.0
    sum: float = 0.0
    zero_threshold: float = 0.0
    zero_count: float = 0.0
    positive: Buckets = field(default_factory=dict)
    negative: Buckets = field(default_factory=dict)
    custom_bounds: tuple[float, ...] = ()
    hint: ResetHint = ResetHint.UNKNOWN

    @property
    def is_custom(self) -> bool:
        """Whether the buckets have bounds of their own."""
        return self.schema == CUSTOM_BUCKETS

    def bounds(self, index: int) -> tuple[float, float]:
        """Lower and upper bound of a positive bucket."""
        if self.is_custom:
            own = self.custom_bounds
            lower = own[index - 1] if index > 0 else -math.inf
            return lower, own[index] if index < len(own) else math.inf
        return exponential_bound(index - 1, self.schema), exponential_bound(index, self.schema)

    def buckets(self) -> Iterator[Bucket]:
        """All buckets with observations, rising; the zero bucket reaches up to its neighbours."""
        for index in sorted(self.negative, reverse=True):
            yield self.negative_bucket(index)
        if self.zero_count:
            edge = self.zero_threshold
            yield Bucket(-edge, edge, True, True, self.zero_count)
        for index in sorted(self.positive):
            yield self.positive_bucket(index)

    def positive_bucket(self, index: int) -> Bucket:
        """One bucket of values above 0, or of own bounds."""
        lower, upper = self.bounds(index)
        return Bucket(lower, upper, self.is_custom and index == 0, True, self.positive[index])

    def negative_bucket(self, index: int) -> Bucket:
        """One bucket of values below 0."""
        lower, upper = self.bounds(index)
        return Bucket(-upper, -lower, True, False, self.negative[index])

    def hinted(self, hint: ResetHint) -> "Histogram":
        """The same with another hint."""
        return self if self.hint is hint else replace(self, hint=hint)

    def equals(self, other: "Histogram") -> bool:
        """Whether all but the hints is the same, NaN with NaN."""
        return self._key() == other._key()

    def _key(self) -> tuple[object, ...]:
        buckets = [
            tuple(sorted((index, repr(count)) for index, count in side.items() if count))
            for side in (self.positive, self.negative)
        ]
        counts = tuple(map(repr, (self.count, self.sum, self.zero_count)))
        return self.schema, self.zero_threshold, self.custom_bounds, counts, *buckets

    def __str__(self) -> str:
        parts = [f"count:{general(self.count)}", f"sum:{general(self.sum)}"]
        parts += [str(bucket) for bucket in self.buckets() if bucket.count != 0]
        return "{" + ", ".join(parts) + "}"


def exponential_bound(index: int, schema: int) -> float:
    """The upper bound of the bucket at this index, +Inf beyond what a float holds."""
    if schema <= 0:
        exponent = index << -schema
        if exponent >= 1024:
            return _LARGEST if exponent == 1024 else math.inf
        return math.ldexp(1.0, exponent)
    whole, part = index >> schema, index & ((1 << schema) - 1)
    if whole >= 1024:
        return _LARGEST if (whole, part) == (1024, 0) else math.inf
    return math.ldexp(_mantissas(schema)[part], whole + 1)


@cache
def _mantissas(schema: int) -> tuple[float, ...]:
    """The bounds from 0.5 to 1, each other one that of the schema below: as Prometheus's table has
    them, to the last digit."""
    if schema == 0:
        return (0.5,)
    factor = _ROOT_OF_2 if schema == 1 else 2.0**2.0**-schema
    found = list[float]()
    for known in _mantissas(schema - 1):
        found += [known, known * factor]
    return tuple(found)
