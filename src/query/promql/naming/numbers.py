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
# Go's `'g'` counts with six digits where it may choose the precision.
_MAX_GENERAL_EXPONENT: Final = 6
# Between these Python and orjson, too, write no exponent.
_MIN_SHARED: Final = 1e-4
_MAX_SHARED: Final = 1e15


def api_number(value: float) -> str:
    """A sample's value in an answer: `1`, `0.5`, `1e-07`, `1e+21`, `NaN`, `+Inf`, `-Inf`."""
    size = abs(value)
    if size == 0 or _MIN_PLAIN <= size < _MAX_PLAIN:
        return plain_number(value)
    return _special(value) or exponential(value)


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
    """With exponents below 1e-4 and from 1e6 on, as Go's `%g` and `%v`: in messages."""
    special = _special(value)
    if special:
        return special
    _, digits, point = _digits(value)
    exponent = point - 1
    if digits != "0" and (exponent < -4 or exponent >= _MAX_GENERAL_EXPONENT):
        return exponential(value)
    return plain_number(value)


def api_numbers(values: npt.NDArray[np.float64]) -> list[str]:
    """`api_number` of each; what needs no exponent is laid out by one call."""
    if not len(values):
        return []
    text = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    # Each number ends with a comma, so that `.0` goes from all of them at once.
    written = (text[1:-1] + b",").replace(b".0,", b",").decode().split(",")[:-1]
    size = np.abs(values)
    alike = ((size >= _MIN_SHARED) & (size < _MAX_SHARED)) | (size == 0)
    for place in np.flatnonzero(~alike).tolist():
        written[place] = api_number(float(values[place]))
    return written


def api_time(time_ms: int) -> str:
    """Seconds since the Unix epoch, of milliseconds: `1`, `1.500`, `-0.001`."""
    seconds, rest = divmod(abs(time_ms), 1000)
    sign = "-" if time_ms < 0 else ""
    return f"{sign}{seconds}.{rest:03}" if rest else f"{sign}{seconds}"


def exponential(value: float) -> str:
    """One digit before the point, at least two in the exponent (Go's `'e'`, -1); finite."""
    sign, digits, point = _digits(value)
    exponent = point - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def _special(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return ""


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits, and where the point stands: 0.d1d2… times ten to that power."""
    text = repr(float(value))
    sign = "-" if text[0] == "-" else ""
    mantissa, _, exponent = text.removeprefix("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return sign, digits.rstrip("0") or "0", point if digits else 1
