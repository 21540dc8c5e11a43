"""Which tables a statement reads: names, once those of its own WITH clauses are taken away."""

from collections.abc import Iterator
from typing import Any, Final

from query.analysis.statement import Connection, Node, children, fold, parse

Names = frozenset[bytes]

# A macro: it reads the same rows and columns as this view.
READ_BY_BOTTLENECKS: Final[Node] = {
    "type": "BASE_TABLE",
    "table_name": "critical_path_sections",
    "alias": "",
    "qualified_name": {"path": ["critical_path_sections"]},
}


def tables_used(connection: Connection, sql: str) -> frozenset[str]:
    """The names of all tables and views that the statement reads, in lower case, unqualified."""
    root = parse(connection, sql).root
    return frozenset(reference["table_name"].lower() for reference in base_tables(root))


def base_tables(node: Any, ctes: Names = frozenset()) -> Iterator[Node]:
    """All references to tables that are no common table expression in scope.

    A reference that DuckDB would resolve to a CTE's own name inside its own body is a table
    (unless the CTE is recursive), since there the name is not bound yet.
    """
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE" and "class" not in node:
            if not is_cte(node, ctes):
                yield node
        elif _calls(node) == b"bottlenecks":
            yield READ_BY_BOTTLENECKS
        elif node.get("type") == "RECURSIVE_CTE_NODE":
            yield from _recursive(node, ctes)
            return
        if "cte_map" in node:
            for entry in node["cte_map"]["map"]:
                yield from base_tables(entry["value"], ctes)
                ctes = ctes | {fold(entry["key"])}
            node = {name: value for name, value in node.items() if name != "cte_map"}
    for child in children(node):
        yield from base_tables(child, ctes)


def _calls(node: Node) -> bytes | None:
    """The table function or macro that the reference calls."""
    if node.get("type") != "TABLE_FUNCTION" or "class" in node:
        return None
    return fold(node["function"].get("qualified_name", {"path": [""]})["path"][-1])


def is_cte(reference: Node, ctes: Names) -> bool:
    """Whether the table reference means one of these common table expressions."""
    path = reference["qualified_name"]["path"]
    return len(path) == 1 and fold(path[0]) in ctes


def _recursive(node: Node, ctes: Names) -> Iterator[Node]:
    for entry in node["cte_map"]["map"]:
        yield from base_tables(entry["value"], ctes)
        ctes = ctes | {fold(entry["key"])}
    own = ctes | {fold(node["cte_name"])}
    for name, value in node.items():
        if name != "cte_map":
            yield from base_tables(value, own if name == "right" else ctes)
