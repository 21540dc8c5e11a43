"""Comparisons with a number, such as `> 10`."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from alerting.plain import number_text

_OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_THRESHOLD: Final = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(\S+)\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Threshold:
    operator: str
    bound: float

    def holds(self, value: float) -> bool:
        return _OPERATORS[self.operator](value, self.bound)

    def __str__(self) -> str:
        return f"{self.operator} {number_text(self.bound)}"


def threshold(text: str) -> Threshold:
    """Raises ValueError, which says what is expected."""
    found = _THRESHOLD.fullmatch(text)
    try:
        bound = float(found[2]) if found else None
    except ValueError:
        bound = None
    if found is None or bound is None or not isfinite(bound):
        raise ValueError(f"{text!r} is no threshold, such as '> 10'")
    return Threshold(found[1], bound)
