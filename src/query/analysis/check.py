"""Whether a user's SQL may run: one statement that only reads, of our tables, by known means.

Everything is an allow-list: kinds of nodes, functions, table functions, tables. What a newer
DuckDB brings is refused until somebody has looked at it.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

from goldeneye.errors import QueryRefused
from query.analysis.functions import scalar_functions, table_functions
from query.analysis.statement import Connection, Node, Statement, children, fold, parse
from query.analysis.tables import base_tables

_EXPRESSIONS: Final = frozenset(
    [
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "DEFAULT",
        "FUNCTION",
        "LAMBDA",
        "LAMBDA_REF",
        "OPERATOR",
        "PARAMETER",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    ]
)
_NODES: Final = frozenset(
    [
        "SELECT_NODE",
        "SET_OPERATION_NODE",
        "RECURSIVE_CTE_NODE",
        "BASE_TABLE",
        "SUBQUERY",
        "JOIN",
        "TABLE_FUNCTION",
        "EXPRESSION_LIST",
        "EMPTY",
        "PIVOT",
        "SHOW_REF",
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "LIMIT_PERCENT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ORDER_DEFAULT",
        "ASCENDING",
        "DESCENDING",
    ]
)
_SHOWN: Final = frozenset({"tables", "__show_tables_expanded"})
# They tell of our own tables and their columns only; other views of that schema show SQL.
_INFORMATION: Final = frozenset({b"tables", b"columns", b"schemata"})


def check(connection: Connection, sql: str, tables: Collection[str]) -> None:
    """Return where the SQL may run; `tables` are the names of the tables and views it may read.

    Raises QueryRefused with what is not allowed and where, QueryFailed where it is no SQL.
    """
    statement = parse(connection, sql)
    try:
        _check_nodes(statement)
        _check_tables(statement, frozenset(fold(table) for table in tables))
    except RecursionError as error:
        raise QueryRefused("the SQL is nested too deeply") from error


def _check_nodes(statement: Statement) -> None:
    for node in _nodes(statement.root):
        if "class" in node:
            _check_expression(statement, node)
        elif node["type"] not in _NODES:
            raise QueryRefused(f"{_words(node['type'])} is not allowed{statement.place(node)}")
        elif node["type"] == "TABLE_FUNCTION":
            _check_table_function(statement, node)
        elif node["type"] == "SHOW_REF":
            _check_show(node)


def _nodes(tree: Any) -> Iterator[Node]:
    """All nodes that say what they are; those of table functions' calls by the call alone."""
    if isinstance(tree, dict) and isinstance(tree.get("type"), str):
        yield tree
    call = isinstance(tree, dict) and tree.get("type") == "TABLE_FUNCTION" and "class" not in tree
    for child in children(tree):
        if call and child is tree["function"]:
            if child.get("class") != "FUNCTION":
                raise QueryRefused("a table function must be called by its name")
            child = list(children(child))
        yield from _nodes(child)


def _check_expression(statement: Statement, node: Node) -> None:
    if node["class"] not in _EXPRESSIONS:
        raise QueryRefused(f"{_words(node['class'])} is not allowed{statement.place(node)}")
    if node["class"] in ("FUNCTION", "WINDOW"):
        name = _function_name(node)
        reason = scalar_functions().refusal(name)
        if reason is not None:
            raise QueryRefused(
                f"the function {name} is not allowed{statement.place(node)}: {reason}"
            )


def _check_table_function(statement: Statement, node: Node) -> None:
    name = _function_name(node["function"])
    reason = table_functions().refusal(name)
    if reason is not None:
        place = statement.place(node)
        raise QueryRefused(f"the table function {name} is not allowed{place}: {reason}")


def _check_show(node: Node) -> None:
    name = str(node["table_name"]).strip('"')
    if node.get("query") is None and name not in _SHOWN:
        raise QueryRefused(f"SHOW {name} is not allowed, only SHOW TABLES and DESCRIBE are")


def _check_tables(statement: Statement, tables: frozenset[bytes]) -> None:
    for reference in base_tables(statement.root):
        path = [fold(part) for part in reference["qualified_name"]["path"]]
        ours = path[-1] in tables and path[:-1] in ([], [b"main"])
        if not ours and not (path[:-1] == [b"information_schema"] and path[-1] in _INFORMATION):
            name = ".".join(reference["qualified_name"]["path"])
            known = ", ".join(sorted(table.decode() for table in tables))
            place = statement.place(reference)
            raise QueryRefused(f"there is no table {name}{place}; there are: {known}")


def _function_name(node: Node) -> str:
    """The last part: DuckDB may take the parts before it for a schema, or for the first argument
    of a method call, so that they cannot make a function harmless."""
    path = node["qualified_name"]["path"]
    return str(path[-1])


def _words(name: str) -> str:
    return name.replace("_", " ")
