"""Expressions that have the same value at every step, because `@` fixes all their times."""

from query.promql.tree import Call, Node, Number, Selector, String, Subquery, children, value_type

# These look at the step itself, whatever their arguments.
_UNSAFE = frozenset(
    {
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "hour",
        "minute",
        "month",
        "year",
        "predict_linear",
        "time",
        "timestamp",
    }
)
_ABOUT_QUERY = frozenset({"start", "end", "step", "range"})


def is_unsafe(node: Node) -> bool:
    """Whether the node may change from step to step though its arguments do not."""
    return isinstance(node, Call) and node.function in _UNSAFE


def is_about_query(node: Node) -> bool:
    """Whether the node tells the query's own times."""
    return isinstance(node, Call) and node.function in _ABOUT_QUERY


def is_invariant(node: Node) -> bool:
    """Whether one step tells the value at all steps."""
    if isinstance(node, Number | String):
        return True
    if isinstance(node, Selector | Subquery):
        return node.at is not None
    if isinstance(node, Call) and not node.arguments:
        return node.function == "pi" or is_about_query(node)
    return not is_unsafe(node) and all(is_invariant(child) for child in children(node))


def worth_sharing(node: Node) -> bool:
    """Whether to evaluate the node once and repeat it."""
    return value_type(node) == "vector" and is_invariant(node)
