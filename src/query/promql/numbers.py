"""Numbers as PromQL's own texts and labels have them; `naming.numbers` lays them out."""

import math

from query.promql.naming.numbers import general_number as general
from query.promql.naming.numbers import plain_number as plain

__all__ = ["general", "label_bound", "plain"]


def label_bound(value: float) -> str:
    """A bound in a label that PromQL makes: always with a point or an exponent, 0 without sign."""
    text = general(value or 0.0)
    if not math.isfinite(value) or "." in text or "e" in text:
        return text
    return text + ".0"
