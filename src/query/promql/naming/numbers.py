"""Numbers as Prometheus writes them: the shortest digits that read back equal, laid out as Go does.

`api_number` is what the HTTP API prints for samples; `plain_number` is what becomes a label.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import orjson

# Where Prometheus's JSON turns to exponents.
_MIN_PLAIN: Final = 1e-6
_MAX_PLAIN: Final = 1e21
# Between these Python and orjson, too, write no exponent.
_MIN_SHARED: Final = 1e-4
_MAX_SHARED: Final = 1e15


def api_number(value: float) -> str:
    """A sample's value in an answer: `1`, `0.5`, `1e-07`, `1e+21`, `NaN`, `+Inf`, `-Inf`."""
    size = abs(value)
    if size == 0 or _MIN_PLAIN <= size < _MAX_PLAIN:
        return plain_number(value)
    return _special(value) or _exponential(value)


def plain_number(value: float) -> str:
    """Without exponents, however long (Go's `'f'`, -1): `le`, `quantile`, `count_values`."""
    special = _special(value)
    if special:
        return special
    sign, digits, point = _digits(value)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}" if digits != "0" else f"{sign}0"
    whole = digits[:point].ljust(point, "0")
    return f"{sign}{whole}.{digits[point:]}" if len(digits) > point else f"{sign}{whole}"


def general_number(value: float) -> str:
    """With exponents below 1e-4 and from 21 digits on (Go's `'g'`, -1, of `%v`): in messages."""
    special = _special(value)
    if special:
        return special
    _, digits, point = _digits(value)
    exponent = point - 1
    if digits != "0" and (exponent < -4 or exponent >= _GENERAL_DIGITS):
        return _exponential(value)
    return plain_number(value)
