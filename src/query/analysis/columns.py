"""The output columns of queries and table references, as far as they are known."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from query.analysis.scopes import (
    SEVERAL_TABLES,
    UNKNOWN,
    Column,
    Columns,
    Origin,
    Relation,
    Scope,
)
from query.analysis.statement import Node, children, fold

# They name their columns by the alias, by the function, or by fixed words.
_NAMED_TABLE_FUNCTIONS: Final = frozenset(
    {"unnest", "range", "generate_series", "json_each", "json_tree", "repeat"}
)


def opaque(columns: Columns) -> Columns:
    """The same names, of which nothing is known but that they are there."""
    return None if columns is None else [Column(column.name, None) for column in columns]


def renamed(columns: Columns, names: Sequence[str]) -> Columns:
    """The columns under the names of a column list such as t(a, b)."""
    if not names:
        return columns
    if columns is None or len(names) > len(columns):
        return UNKNOWN
    given = [
        Column(fold(name), column.origin) for name, column in zip(names, columns, strict=False)
    ]
    return [*given, *columns[len(names) :]]


def not_row_wise(columns: Columns) -> Columns:
    """The same columns, for rows in which other rows have a say."""
    return columns and [
        Column(c.name, c.origin and c.origin._replace(row_wise=False)) for c in columns
    ]


def union_all(parts: Sequence[Columns], merged: Callable[[tuple[int, ...]], int]) -> Columns:
    """The columns of a UNION ALL; `merged` gives the occurrence that stands for several."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or len({len(part) for part in known}) != 1:
        return opaque(parts[0])
    return [
        Column(same[0].name, _common_origin([column.origin for column in same], merged))
        for same in zip(*known, strict=True)
    ]


def _common_origin(
    origins: Sequence[Origin | None], merged: Callable[[tuple[int, ...]], int]
) -> Origin | None:
    first = origins[0]
    if first is None:
        return None
    if any(origin is None or origin.column != first.column for origin in origins):
        return None
    occurrence = merged(tuple(origin.occurrence for origin in origins if origin is not None))
    row_wise = all(origin.row_wise for origin in origins if origin is not None)
    tables = {origin.table for origin in origins if origin is not None}
    table = first.table if len(tables) == 1 else SEVERAL_TABLES
    return Origin(occurrence, table, first.column, row_wise)


def output(node: Node, scope: Scope) -> Columns:
    """The columns that a SELECT gives, in order."""
    columns: list[Column] = []
    for item in node["select_list"]:
        found = _star(item, scope) if item["class"] == "STAR" else [_item(item, scope)]
        if found is None:
            return UNKNOWN
        columns += found
    return columns if is_row_wise(node) else not_row_wise(columns)


def is_row_wise(node: Node) -> bool:
    """Whether each row of a SELECT comes of one row of each relation, whatever the others are."""
    return (
        all(modifier["type"] == "ORDER_MODIFIER" for modifier in node["modifiers"])
        and not node["group_expressions"]
        and node["aggregate_handling"] == "STANDARD_HANDLING"
        and not (node["having"] or node["qualify"] or node["sample"])
        and not contains(node["select_list"], lambda part: part.get("class") == "WINDOW")
    )


def contains(tree: Any, wanted: Callable[[Node], bool]) -> bool:
    """Whether some node of the tree, itself included, is wanted."""
    if isinstance(tree, dict) and wanted(tree):
        return True
    return any(contains(child, wanted) for child in children(tree))


def bare(items: Iterable[Node], scope: Scope) -> set[Origin]:
    """The origins of the items that are nothing but a column."""
    found = [scope.resolve(i["column_names"]) for i in items if i["class"] == "COLUMN_REF"]
    return {match[2] for match in found if match is not None}


def names(tree: Any) -> list[str]:
    """All unqualified names in an expression."""
    if isinstance(tree, dict) and tree.get("class") == "COLUMN_REF":
        return list(tree["column_names"][:1])
    return [name for child in children(tree) for name in names(child)]


def table_function(ref: Node) -> Relation:
    """What a table function gives: names only, where it is known how it chooses them."""
    function = str(ref["function"]["qualified_name"]["path"][-1])
    given = ref["column_name_alias"]
    if function.lower() not in _NAMED_TABLE_FUNCTIONS or ref["function"].get("class") is None:
        return Relation(ref["alias"] or None, UNKNOWN)
    known = given or [ref["alias"], function]
    return Relation(ref["alias"] or function, [Column(fold(name), None) for name in known])


def _item(item: Node, scope: Scope) -> Column:
    if item["class"] != "COLUMN_REF":
        # Without an alias DuckDB calls it by its text, which is no name that matters here.
        return Column(fold(item.get("alias") or ""), None)
    found = scope.resolve(item["column_names"])
    return Column(fold(item["alias"] or item["column_names"][-1]), found and found[2])


def _star(item: Node, scope: Scope) -> Columns:
    changed = ("replace_list", "rename_list", "qualified_exclude_list", "expr")
    if item["columns"] or any(item.get(part) for part in changed) or scope.hidden:
        return UNKNOWN
    relations = list(scope.relations)
    if item["relation_name"]:
        wanted = fold(item["relation_name"])
        relations = [r for r in relations if r.name is not None and fold(r.name) == wanted]
    excluded = {fold(name) for name in item["exclude_list"]}
    columns: list[Column] = []
    for relation in relations:
        if relation.columns is None:
            return UNKNOWN
        columns += [column for column in relation.columns if column.name not in excluded]
    return columns
