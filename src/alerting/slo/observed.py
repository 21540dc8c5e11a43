"""From the values that a source gave to good and total."""

import operator
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from alerting.slo.minutes import Floats, Minutes
from alerting.slo.model import (
    BadRatio,
    Comparison,
    GoodRatio,
    Indicator,
    Objective,
    RawRatio,
)

_HOLDS: Final[dict[Comparison, Callable[[Any, Any], Any]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def observed(
    indicator: Indicator, objective: Objective, minute: Any, values: Any, totals: Any = None
) -> Minutes:
    """Rows of one minute and its value each; several a minute are several events.

    `values` are good or bad events, ratios, or what the threshold compares, as the indicator
    says; `totals` belong to the first two. Counters come as increases: what a reset means is the
    source's to know. A value that is no number is no event.
    """
    first = np.asarray(values, dtype=np.float64)
    if isinstance(indicator, GoodRatio | BadRatio):
        total = np.asarray(totals, dtype=np.float64)
        return Minutes.of_deltas(
            minute, first if isinstance(indicator, GoodRatio) else total - first, total
        )
    good = _ratio(first, indicator) if isinstance(indicator, RawRatio) else _met(first, objective)
    return Minutes.of_deltas(minute, good, np.ones(len(first)))


def _ratio(values: Floats, indicator: RawRatio) -> Floats:
    return values if indicator.success else 1 - values


def _met(values: Floats, objective: Objective) -> Floats:
    assert objective.op is not None, "the loader asks for it"
    met = _HOLDS[objective.op](values, objective.value).astype(np.float64)
    return np.where(np.isnan(values), np.nan, met)
