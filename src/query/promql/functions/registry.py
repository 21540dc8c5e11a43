"""Every function by its name."""

from collections.abc import Callable

from query.promql.frame import Frame
from query.promql.functions import (
    absence,
    clock,
    conversion,
    histogram,
    info,
    instant_rate,
    mathematics,
    over_time,
    rate,
    regression,
    relabel,
    sorting,
    spread,
    steps_apart,
)
from query.promql.tree import Call
from query.promql.vector import Value

_FAMILIES = (
    absence,
    clock,
    conversion,
    histogram,
    info,
    instant_rate,
    mathematics,
    over_time,
    rate,
    regression,
    relabel,
    sorting,
    spread,
    steps_apart,
)

FUNCTIONS: dict[str, Callable[[Call, Frame], Value]] = {
    name: function for family in _FAMILIES for name, function in family.FUNCTIONS.items()
}
