"""Every aggregation by its name."""

from collections.abc import Callable

from query.promql.aggregation import extremes, ranked, ratio, sums, values
from query.promql.frame import Frame
from query.promql.tree import Aggregate
from query.promql.vector import Vector

AGGREGATIONS: dict[str, Callable[[Aggregate, Frame, Vector], Vector]] = {
    name: aggregation
    for family in (extremes, ranked, ratio, sums, values)
    for name, aggregation in family.AGGREGATIONS.items()
}
