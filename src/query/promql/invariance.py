"""Expressions that have the same value at every step, because `@` fixes all their times."""

from query.promql.tree import Call, Node, Selector, Subquery, children, value_type

# These look at the step itself, whatever their arguments.
_UNSAFE = frozenset(
    {
        "days_in_month",
        "day_of_month",
        "day_of_week",
        "day_of_year",
        "hour",
        "info",
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
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Selector | Subquery):
            if found.at is None:
                return False
        elif is_unsafe(found) or (isinstance(found, Call) and _has_no_say(found)):
            return False
        else:
            waiting += children(found)
    return True


def _has_no_say(call: Call) -> bool:
    """Whether a call without arguments may change from step to step."""
    return not (call.arguments or call.function == "pi" or is_about_query(call))


def worth_sharing(node: Node) -> bool:
    """Whether to evaluate the node once and repeat it."""
    return value_type(node) == "vector" and is_invariant(node)
