"""The percentiles that are asked for, as they were written."""

from collections.abc import Sequence
from dataclasses import dataclass

from goldeneye.errors import InvalidRequest


@dataclass(frozen=True)
class Quantiles:
    """Each as it was written, by which the answer names it, and as a number."""

    written: tuple[str, ...]
    numbers: tuple[float, ...]


def parse_quantiles(written: Sequence[str]) -> Quantiles:
    """Numbers from 0 to 1; raises InvalidRequest."""
    return Quantiles(tuple(written), tuple(map(_number, written)))


def _number(written: str) -> float:
    try:
        value = float(written)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InvalidRequest(f"q: {written[:50]!r} is no number from 0 to 1")
    return value
