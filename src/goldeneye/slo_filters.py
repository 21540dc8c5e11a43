"""The spans of an objective as a condition of SQL: joins the alert engine and the query layer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from alerting.slo.model import Spans
from alerting.slo.span_filter import (
    And,
    Attribute,
    Duration,
    Exists,
    Filter,
    Kind,
    Name,
    Not,
    Or,
    Status,
    is_of_rollups,
)
from query.asking.filter_sql import Condition, condition
from query.asking.filters import Filter as AttributeFilter
from query.asking.filters import Operator
from query.slo.counts import Wanted

# `=` and `!=` of what every span has.
_EQUALITY: Final = {"=": "IS NOT DISTINCT FROM", "!=": "IS DISTINCT FROM"}
_PATTERNS: Final = {"~": "regexp_matches(name, {})", "!~": "NOT regexp_matches(name, {})"}


def wanted(sources: Sequence[Spans]) -> list[Wanted]:
    """One for each; their parameters have names of their own."""
    return [_Translation(f"slo_{number}").wanted(one) for number, one in enumerate(sources)]


@dataclass
class _Translation:
    """Every comparison is true or false, so that `not` of one that is about nothing is true."""

    prefix: str
    params: dict[str, Any] = field(default_factory=dict)
    of_attributes: bool = False

    def wanted(self, spans: Spans) -> Wanted:
        parts = [f"service_name = {self._bound(spans.service)}"]
        if spans.operation is not None:
            parts.append(f"name = {self._bound(spans.operation)}")
        if spans.kind is not None:
            parts.append(f"kind = {self._bound(spans.kind)}")
        if spans.filter is not None:
            parts.append(self._sql(spans.filter))
        of = Condition(" AND ".join(parts), self.params)
        return Wanted(of, is_of_rollups(spans.filter), self.of_attributes)

    def _bound(self, value: Any) -> str:
        name = f"{self.prefix}_{len(self.params)}"
        self.params[name] = value
        return f"${name}"

    def _sql(self, found: Filter) -> str:
        match found:
            case Status(operator, value):
                return f"status_code {_EQUALITY[operator]} {self._bound(value)}"
            case Kind(operator, value):
                return f"kind {_EQUALITY[operator]} {self._bound(value)}"
            case Name(operator, name):
                bound = self._bound(name)
                plain = f"name {operator} {bound}"
                return f"coalesce({_PATTERNS.get(operator, plain).format(bound)}, FALSE)"
            case Duration(operator, duration_ns):
                return f"coalesce(duration_ns {operator} {self._bound(duration_ns)}, FALSE)"
            case Attribute(home, key, operator, text, number):
                return self._of_attribute(AttributeFilter(home, key, operator, text, number))
            case Exists(home, key, negated):
                existence: Operator = "!exists" if negated else "exists"
                return self._of_attribute(AttributeFilter(home, key, existence, None, None))
            case Not(part):
                return f"NOT ({self._sql(part)})"
            case And(parts):
                return "(" + " AND ".join(self._sql(part) for part in parts) + ")"
            case Or(parts):
                return "(" + " OR ".join(self._sql(part) for part in parts) + ")"

    def _of_attribute(self, one: AttributeFilter) -> str:
        self.of_attributes = True
        found = condition([one], f"{self.prefix}_{len(self.params)}")
        self.params |= found.params
        return f"coalesce({found.sql}, FALSE)"
