"""now() and its like: one instant for the whole query, of a type that our times compare with.

DuckDB's now() has a time zone, and DuckDB compares or subtracts no TIMESTAMP_NS with that. Here
it gives the query's instant as TIMESTAMP in UTC, like every time in our tables; below AT TIME
ZONE it keeps its zone, without which that would mean something else.
"""

from typing import Final

from query.analysis.scopes import Scope
from query.analysis.statement import Node, fold

_FUNCTIONS: Final = frozenset(
    {b"now", b"get_current_timestamp", b"transaction_timestamp", b"current_localtimestamp"}
)
_NAMES: Final = frozenset({b"current_timestamp", b"localtimestamp"})
_TODAY: Final = frozenset({b"today", b"current_date"})
_SCHEMAS: Final[tuple[list[str], ...]] = ([], ["main"], ["system", "main"])


def instant(node: Node, scope: Scope, now_ns: int, zoned: bool) -> str | None:
    """The SQL of the query's instant or day, where the expression asks for it."""
    name = _asked(node, scope)
    if name in _FUNCTIONS | _NAMES:
        value = f"make_timestamp({now_ns // 1_000})"
        return f"CAST({value} AS TIMESTAMPTZ)" if zoned else value
    return f"CAST(make_timestamp({now_ns // 1_000}) AS DATE)" if name in _TODAY else None


def zoned_call(node: Node) -> bytes | None:
    """`ago` or `to_timestamp`, where it is called: they give an instant with a zone."""
    name = _called(node, 1)
    return name if name in (b"ago", b"to_timestamp") else None


def is_at_time_zone(node: Node) -> bool:
    return bool(node["class"] == "FUNCTION" and node["qualified_name"]["path"] == ["timezone"])


def _asked(node: Node, scope: Scope) -> bytes | None:
    if node["class"] == "COLUMN_REF" and len(node["column_names"]) == 1:
        name = fold(node["column_names"][0])
        asked = name in _NAMES | _TODAY - {b"today"}
        return name if asked and not scope.might_have(name) else None
    return _called(node, 0)


def _called(node: Node, arguments: int) -> bytes | None:
    if node["class"] != "FUNCTION" or len(node["arguments"]) != arguments:
        return None
    *schema, name = node["qualified_name"]["path"]
    return fold(name) if schema in _SCHEMAS else None
