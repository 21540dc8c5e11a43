"""Expressions as their rules have them."""

from typing import Any

from alerting.durations import duration_text
from alerting.rules.definitions import Burn, Expression, LogSearch, Promql, Sql


def written(expression: Expression) -> dict[str, Any]:
    """The one field of a rule that says what it asks; none for SLOs, whose file says it."""
    match expression:
        case Promql(text):
            return {"expr": text}
        case Sql(text):
            return {"sql": text}
        case LogSearch():
            return {"log": _log(expression)}
        case Burn():
            return {"slo": expression.slo, "objective": expression.objective}


def as_text(expression: Expression) -> str:
    """One line, for those who know only one kind of expression."""
    match expression:
        case Promql(text) | Sql(text):
            return text
        case LogSearch():
            asked = _log(expression)
            by = f" by ({', '.join(asked['by'])})" if asked["by"] else ""
            return f"count{by}({asked['search']} [{asked['window']}]) {asked['threshold']}"
        case Burn():
            return f"burn rate of {expression.slo}, {expression.objective}"


def _log(search: LogSearch) -> dict[str, Any]:
    return {
        "search": search.search,
        "window": duration_text(search.window_ns),
        "threshold": str(search.threshold),
        "by": list(search.by),
    }
