"""Numbers as Prometheus writes them."""

import math
from decimal import Decimal


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return None


def plain(value: float) -> str:
    """The shortest decimal that reads back the same, never with an exponent."""
    special = _special(value)
    if special is not None:
        return special
    if value == 0:
        return "-0" if math.copysign(1.0, value) < 0 else "0"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def general(value: float) -> str:
    """The shortest form, with an exponent below 1e-4 and from 1e21 on."""
    special = _special(value)
    if special is not None:
        return special
    if value == 0 or 1e-4 <= abs(value) < 1e21:
        return plain(value)
    _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    power = exponent + len(text) - 1
    mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
    sign = "-" if value < 0 else ""
    return f"{sign}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def label_bound(value: float) -> str:
    """A bound in a label (`le`, a quantile): always with a point or an exponent."""
    text = general(value)
    if _special(value) is not None or "." in text or "e" in text:
        return text
    return text + ".0"
