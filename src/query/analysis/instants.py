"""now() and its like: one instant for the whole query, of a type that our times compare with.

DuckDB's now() has a time zone, and DuckDB compares or subtracts no TIMESTAMP_NS with that. Here
it gives the query's instant as TIMESTAMP in UTC, like every time in our tables; below AT TIME
ZONE it keeps its zone, without which that would mean something else.
"""

from typing import Any, Final

from query.analysis.parameters import Parameters, parameter_nodes, used
from query.analysis.scopes import Scope
from query.analysis.statement import (
    Connection,
    Node,
    children,
    copied,
    expression_sql,
    fold,
    parse_expression,
)

_FUNCTIONS: Final = frozenset(
    {b"now", b"get_current_timestamp", b"transaction_timestamp", b"current_localtimestamp"}
)
_NAMES: Final = frozenset({b"current_timestamp", b"localtimestamp"})
_TODAY: Final = frozenset({b"today", b"current_date"})
_SCHEMAS: Final[tuple[list[str], ...]] = ([], ["main"], ["system", "main"])


# Harmless to run here: quick, and of their arguments alone.
_ARITHMETIC: Final = frozenset(
    {
        *(b"+", b"-", b"trunc", b"date_trunc", b"datetrunc", b"time_bucket", b"date_add"),
        *(b"to_timestamp", b"make_timestamp", b"make_timestamp_ms", b"make_timestamp_ns"),
        *(b"make_date", b"epoch_ms", b"ago"),
        *(b"to_" + unit + b"s" for unit in (b"nanosecond", b"microsecond", b"millisecond")),
        *(b"to_" + unit + b"s" for unit in (b"second", b"minute", b"hour", b"day", b"week")),
        *(b"to_" + unit + b"s" for unit in (b"month", b"quarter", b"year")),
    }
)
_CONSTANT_CLASSES: Final = frozenset({"CONSTANT", "PARAMETER", "CAST", "TYPE", "FUNCTION"})


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


def constant_ns(
    connection: Connection, node: Node, scope: Scope, parameters: Parameters, now_ns: int
) -> int | None:
    """The instant that an expression of constants, parameters and now() stands for.

    It is worked out as DuckDB would when it compares it with a TIMESTAMP_NS. None where the
    expression reads anything else, or is no instant.
    """
    tree = _with_now(connection, copied(node), scope, now_ns)
    if not _is_constant(tree):
        return None
    names = used(tree)
    if not names <= parameters.values.keys():
        return None
    renumbered = {name: f"p{number}" for number, name in enumerate(sorted(names))}
    for part in parameter_nodes(tree):
        part["identifier"] = renumbered[part["identifier"]]
    text = f"SELECT epoch_ns(CAST(({expression_sql(connection, tree)}) AS TIMESTAMP_NS))"
    values = {new: parameters.values[old] for old, new in renumbered.items()}
    try:
        rows = connection.execute(text, values or None).fetchall()
    except Exception:  # no instant, or one that does not fit: then it bounds nothing
        return None
    value: int | None = rows[0][0]
    return value


def _with_now(connection: Connection, tree: Any, scope: Scope, now_ns: int) -> Any:
    if isinstance(tree, list):
        return [_with_now(connection, part, scope, now_ns) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if "class" in tree and (text := instant(tree, scope, now_ns, zoned=False)) is not None:
        return parse_expression(connection, text)
    if tree.get("class") == "FUNCTION" and zoned_call(tree) == b"ago":
        difference = parse_expression(connection, f"make_timestamp({now_ns // 1_000}) - NULL")
        difference["arguments"][1] = tree["arguments"][0]
        return difference
    return {name: _with_now(connection, part, scope, now_ns) for name, part in tree.items()}


def _is_constant(tree: Any) -> bool:
    if isinstance(tree, dict):
        if tree.get("class", "CONSTANT") not in _CONSTANT_CLASSES:
            return False
        if tree.get("class") == "FUNCTION" and fold(_name(tree)) not in _ARITHMETIC:
            return False
    return all(_is_constant(child) for child in children(tree))


def _name(call: Node) -> str:
    return str(call["qualified_name"]["path"][-1])
