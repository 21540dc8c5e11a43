"""Numbers as PromQL's own texts and labels have them; `naming.numbers` lays them out."""

import math

from query.promql.naming.numbers import exponential
from query.promql.naming.numbers import plain_number as plain

__all__ = ["general", "label_bound", "plain"]


def general(value: float) -> str:
    """The shortest form, with an exponent below 1e-4 and from 1e21 on."""
    if value == 0 or not math.isfinite(value) or 1e-4 <= abs(value) < 1e21:
        return plain(value)
    return exponential(value)


def label_bound(value: float) -> str:
    """A bound in a label (`le`, a quantile): always with a point or an exponent."""
    text = general(value)
    if not math.isfinite(value) or "." in text or "e" in text:
        return text
    return text + ".0"
