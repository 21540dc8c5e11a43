"""A user's SQL as it is run: attributes read from their columns, and one instant for now().

Answers and the names of their columns stay what they would have been, apart from what DuckDB
itself would have got wrong: keys that it takes for paths, and comparing TIMESTAMP_NS with now().
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from query.analysis.attributes import access, expression
from query.analysis.columns import contains
from query.analysis.instants import instant, is_at_time_zone, zoned_call
from query.analysis.parameters import Parameters, Params, keep_used, used
from query.analysis.scopes import Scope, TableColumns
from query.analysis.statement import (
    Connection,
    Node,
    copied,
    expression_sql,
    parse,
    parse_expression,
    to_sql,
)
from query.analysis.walker import Ctes, Walker

# What a text does not say, or DuckDB writes in another of two equal ways.
_INCIDENTAL: Final = frozenset({"query_location", "query_location_length", "is_operator"})


@dataclass(frozen=True)
class Rewritten:
    """The SQL to run, with the params that it asks for."""

    sql: str
    params: Params


def rewrite(
    connection: Connection,
    sql: str,
    params: Params,
    tables: Mapping[str, TableColumns],
    strays: Mapping[str, frozenset[str]],
    now_ns: int,
) -> Rewritten:
    """The same query, in which keys of attributes are read from their promoted columns.

    `tables` gives the columns of the views that have `attributes` (those two as well), `strays`
    the promoted columns whose key also occurs in the JSON of some row that the query can read,
    `now_ns` the instant of the query. Where something is not understood, the SQL stays as it is.
    Raises what `statement.parse` raises; nothing of `check` is done here.
    """
    statement = parse(connection, sql)
    root = copied(statement.root)
    rewriter = _Rewriter(connection, Parameters.of(params), tables, strays, now_ns)
    try:
        rewriter.query(root["node"], None, {})
        if not rewriter.changes:
            return Rewritten(sql, params)
        kept = keep_used(root, used(statement.root["node"]), params)
        text = to_sql(connection, statement, root)
        again = parse(connection, text)
        # Where DuckDB does not read a tree as it writes it, the text might mean something else.
        faithful = _shape(again.root["node"]) == _shape(root["node"])
    except RecursionError:
        faithful = False
    return Rewritten(text, kept) if faithful else Rewritten(sql, params)


class _Rewriter(Walker):
    def __init__(
        self,
        connection: Connection,
        parameters: Parameters,
        tables: Mapping[str, TableColumns],
        strays: Mapping[str, frozenset[str]],
        now_ns: int,
    ) -> None:
        super().__init__(tables)
        self._connection = connection
        self._parameters = parameters
        self._columns = tables
        self._strays = strays
        self._now_ns = now_ns
        self._zoned = 0
        self.changes = 0

    def expression(self, node: Node, scope: Scope, ctes: Ctes) -> Node:
        if is_at_time_zone(node):
            self._zoned += 1
            try:
                return super().expression(node, scope, ctes)
            finally:
                self._zoned -= 1
        if not self._zoned and (call := zoned_call(node)):
            argument = super().expression(node["arguments"][0]["expression"], scope, ctes)
            return self._unzoned(call, argument)
        return super().expression(node, scope, ctes)

    def replace(self, node: Node, scope: Scope) -> Node | None:
        text = instant(node, scope, self._now_ns, zoned=self._zoned > 0)
        if text is not None:
            return self._changed(text)
        found = access(node, scope, self._parameters)
        if found is None:
            return None
        text = expression(found, scope, self._columns, self._strays)
        if text is None:
            return None
        value = self._changed(text)
        if found.rest is None:
            return value
        found.rest.holder[found.rest.name] = value
        return found.rest.top

    def item(self, node: Node, scope: Scope, ctes: Ctes) -> Node:
        """Keeps the name that the column has where it is not given by AS."""
        if node.get("alias"):
            return _aliased(self.expression(node, scope, ctes), node["alias"])
        if contains(node, lambda part: part.get("class") == "STAR" or _is_unnest(part)):
            return node  # it makes several columns, which one alias would not name
        before, changes = copied(node), self.changes
        after = self.expression(node, scope, ctes)
        return after if self.changes == changes else _aliased(after, self._name(before))

    def _changed(self, text: str) -> Node:
        self.changes += 1
        return parse_expression(self._connection, text)

    def _unzoned(self, call: bytes, argument: Node) -> Node:
        """ago and to_timestamp as TIMESTAMP in UTC, of an argument that was walked already."""
        if call == b"ago":
            tree = self._changed(f"make_timestamp({self._now_ns // 1_000}) - NULL")
            tree["arguments"][1]["expression"] = argument
        else:
            tree = self._changed("CAST(to_timestamp(NULL) AS TIMESTAMP)")
            tree["child"]["arguments"][0]["expression"] = argument
        return tree

    def _name(self, item: Node) -> str:
        if item["class"] == "COLUMN_REF":
            return str(item["column_names"][-1])
        return expression_sql(self._connection, item)


def _aliased(node: Node, alias: str) -> Node:
    node["alias"] = alias
    return node


def _is_unnest(node: Node) -> bool:
    return node.get("class") == "FUNCTION" and node["qualified_name"]["path"][-1:] == ["unnest"]


def _shape(tree: Any) -> Any:
    """The tree without what does not matter to its meaning."""
    if isinstance(tree, list):
        return [_shape(part) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.get("type") == "SUBQUERY" and tree.get("alias") == "valueslist":
        return _shape(tree["subquery"]["node"]["from_table"])
    if "expression" in tree and "name" in tree:  # an argument, whose name is written once
        tree = {**tree, "expression": {**tree["expression"], "alias": ""}}
    return {name: _shape(part) for name, part in tree.items() if name not in _INCIDENTAL}
