"""The tree of a query of log records as an SQL condition over `logs`; values are bound."""

from typing import Final

from query.asking.filter_sql import Condition, condition
from query.logs.expression import (
    And,
    Attribute,
    Expression,
    Field,
    Not,
    Or,
    Pattern,
    Severity,
    Text,
)
from query.logs.narrowing import fragments
from query.logs.severity import effective, numbers

_FIELDS: Final = {
    "=": "{column} = ${name}",
    "~": "regexp_matches({column}, ${name})",
    "exists": "{column} IS NOT NULL",
}


def matches(expression: Expression, case_sensitive: bool, prefix: str = "word") -> Condition:
    """True for the records that match, and for no others; `prefix` begins its parameters."""
    builder = _Builder(case_sensitive, prefix)
    return Condition(builder.sql(expression), builder.params)


class _Builder:
    def __init__(self, case_sensitive: bool, prefix: str) -> None:
        self._case_sensitive = case_sensitive
        self._prefix = prefix
        self.params: dict[str, object] = {}

    def sql(self, expression: Expression) -> str:
        match expression:
            case And(parts):
                return self._joined(parts, " AND ")
            case Or(parts):
                return self._joined(parts, " OR ")
            case Not(part):
                # What is not known to match does not.
                return f"NOT coalesce({self.sql(part)}, false)"
            case Text(text):
                return self._contains(text)
            case Pattern(pattern):
                return f"regexp_matches(body_text, {self._bound(pattern)})"
            case Severity(operator, level):
                return self._severity(operator, level)
            case Field(name, operator, text):
                bound = "" if text is None else self._bound(text)
                return _FIELDS[operator].format(column=name, name=bound.removeprefix("$"))
            case Attribute(filter):
                own = condition([filter], f"{self._prefix}_{len(self.params)}")
                self.params |= own.params
                return own.sql

    def _joined(self, parts: tuple[Expression, ...], word: str) -> str:
        return f"({word.join(map(self.sql, parts))})" if parts else "TRUE"

    def _contains(self, text: str) -> str:
        bound = self._bound(text)
        if self._case_sensitive:
            return f"contains(body_text, {bound})"
        exact = f"contains(lower(body_text), lower({bound}))"
        narrow = " OR ".join(f"contains(body_text, {self._bound(one)})" for one in fragments(text))
        return f"(({narrow}) AND {exact})" if narrow else exact

    def _severity(self, operator: str, level: str) -> str:
        low, high = numbers(level)
        if operator == ":":
            return f"{effective()} BETWEEN {self._bound(low)} AND {self._bound(high)}"
        return f"{effective()} {operator} {self._bound(high if operator in ('>', '<=') else low)}"

    def _bound(self, value: object) -> str:
        name = f"{self._prefix}_{len(self.params)}"
        self.params[name] = value
        return f"${name}"
