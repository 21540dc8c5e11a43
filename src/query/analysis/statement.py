"""A user's SQL as the tree that DuckDB's own parser makes of it, and back to text.

The tree is `json_serialize_sql`'s: nested dictionaries, in which expressions have a `class` and a
`type`, query nodes and table references a `type` only.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from goldeneye.errors import QueryFailed, QueryRefused
from goldeneye.limits import MAX_SQL_CHARS

Node = dict[str, Any]

_COMMENT: Final = r"--[^\n]*(?:\n|\Z)|/\*(?:(?!/\*|\*/).)*\*/"
# A nested comment matches nowhere, since DuckDB and this expression could disagree on its end.
_EXPLAIN: Final = re.compile(
    rf"(?:\s|{_COMMENT})*EXPLAIN\b(?:(?:\s|{_COMMENT})*ANALYZE\b)?", re.IGNORECASE | re.DOTALL
)
# The trees of the latest texts, as JSON: a query's text is parsed for several reasons, 0.4 ms each.
_KEPT: Final = 32
_KEPT_CHARS: Final = 1 << 20
_latest: Final[dict[str, str]] = {}
_READS: Final = "only one statement that reads may run here (SELECT, WITH, FROM, VALUES, …)"


class Connection(Protocol):
    """What is used of a DuckDB connection; it must have no unfinished result."""

    def execute(self, query: str, parameters: object = ..., /) -> Any: ...

    def extract_statements(self, query: str, /) -> list[Any]: ...


@dataclass(frozen=True)
class Statement:
    """One statement that reads, parsed; `prefix` is its EXPLAIN, which the tree does not hold."""

    sql: str
    prefix: str
    root: Node

    def place(self, node: Node) -> str:
        """Where the node stands in the text, such as ` at line 1, column 8`; empty if unknown."""
        offset = node.get("query_location")
        text = (" " * len(self.prefix) + self.sql[len(self.prefix) :]).encode()
        if not isinstance(offset, int) or offset > len(text):
            return ""
        before = text[:offset].decode(errors="replace")
        line = before.count("\n") + 1
        column = len(before) - (before.rfind("\n") + 1) + 1
        return f" at line {line}, column {column}"


def parse(connection: Connection, sql: str) -> Statement:
    """Parse exactly one statement that reads.

    Raises QueryFailed where the text is no SQL, QueryRefused where it is anything else than one
    query, or one EXPLAIN of a query.
    """
    if len(sql) > MAX_SQL_CHARS:
        raise QueryRefused(f"the SQL is {len(sql)} characters long, at most {MAX_SQL_CHARS} may be")
    if "\0" in sql:
        raise QueryRefused("the SQL contains a NUL character")
    kind = _kind(connection, sql)
    if kind not in ("SELECT", "EXPLAIN"):
        hint = " (a PIVOT must list its columns: ON … IN (…))" if kind == "MULTI" else ""
        raise QueryRefused(f"{_READS}, not {kind.replace('_', ' ')}{hint}")
    prefix = ""
    if kind == "EXPLAIN":
        match = _EXPLAIN.match(sql)
        if match is None:
            raise QueryRefused("EXPLAIN is taken only as EXPLAIN [ANALYZE] and a query")
        prefix = match.group()
    return Statement(sql, prefix, _tree(connection, " " * len(prefix) + sql[len(prefix) :]))


def to_sql(connection: Connection, statement: Statement, root: Node) -> str:
    """The text of a tree that was changed, EXPLAIN included."""
    return statement.prefix + " " + deserialize(connection, root)


def parse_expression(connection: Connection, text: str) -> Node:
    """The tree of one expression."""
    node: Node = _tree(connection, f"SELECT {text}")["node"]["select_list"][0]
    return node


def expression_sql(connection: Connection, expression: Node) -> str:
    """The text of one expression, which is also the name that DuckDB gives such a column."""
    root = _tree(connection, "SELECT 1")
    root["node"]["select_list"] = [expression]
    return deserialize(connection, root).removeprefix("SELECT ")


def deserialize(connection: Connection, root: Node) -> str:
    """The text of a statement's tree."""
    tree = json.dumps({"error": False, "statements": [root]})
    text: str = connection.execute("SELECT json_deserialize_sql(?::JSON)", [tree]).fetchall()[0][0]
    return text


def copied(tree: Node) -> Node:
    """A copy to be changed; copy.deepcopy would run out of stack where DuckDB does not."""
    copy: Node = json.loads(json.dumps(tree))
    return copy


def children(node: object) -> Iterator[Any]:
    """What a node directly consists of."""
    if isinstance(node, dict):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def fold(name: str) -> bytes:
    """A name as DuckDB compares it: without regard to the case of ASCII letters only."""
    return name.encode("utf-8", "surrogatepass").lower()


def _kind(connection: Connection, sql: str) -> str:
    try:
        statements = connection.extract_statements(sql)
    except Exception as error:  # DuckDB's parser errors, and text that is no Unicode
        raise QueryFailed(str(error)) from error
    if len(statements) != 1:
        raise QueryRefused(f"{_READS}, not {len(statements)} statements")
    name: str = statements[0].type.name
    return name


def _tree(connection: Connection, sql: str) -> Node:
    try:
        tree = json.loads(_serialized(connection, sql))
    except RecursionError as error:
        raise QueryRefused("the SQL is nested too deeply") from error
    if tree["error"]:
        raise QueryRefused(f"{_READS}: {tree['error_message']}")
    statements = tree["statements"]
    if len(statements) != 1:
        raise QueryRefused(f"{_READS}, not {len(statements)} statements")
    root: Node = statements[0]
    return root


def _serialized(connection: Connection, sql: str) -> str:
    tree = _latest.pop(sql, None)
    if tree is None:
        rows = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchall()
        tree = rows[0][0]
    _latest[sql] = tree
    while len(_latest) > _KEPT or sum(map(len, _latest.values())) > _KEPT_CHARS:
        del _latest[next(iter(_latest))]
    return tree
