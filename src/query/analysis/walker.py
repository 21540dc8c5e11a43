"""A walk over a query and everything in it, with the scope of every expression at hand."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from query.analysis.columns import (
    bare,
    names,
    not_row_wise,
    opaque,
    output,
    renamed,
    table_function,
    union_all,
)
from query.analysis.scopes import UNKNOWN, Column, Columns, Origin, Relation, Scope, TableColumns
from query.analysis.statement import Node, fold
from query.analysis.tables import is_cte

Ctes = Mapping[bytes, Columns]

_NOTHING_KNOWN: Final = Relation(None, UNKNOWN)
# For which sides of a join only those rows matter that fulfil its condition.
_FILTERED_SIDES: Final[Mapping[str, tuple[bool, bool]]] = {
    "INNER": (True, True),
    "SEMI": (True, True),
    "LEFT": (False, True),
    "ANTI": (False, True),
    "RIGHT": (True, False),
}


class Walker:
    """Walks a tree and may change it in place; subclasses say what to do on the way."""

    def __init__(self, tables: Mapping[str, TableColumns]) -> None:
        self._tables = {fold(name): (name, columns) for name, columns in tables.items()}
        self._occurrences = 0

    # What subclasses do.

    def replace(self, node: Node, scope: Scope) -> Node | None:
        """Another expression for this one; None to keep it and look inside."""
        return None

    def item(self, node: Node, scope: Scope, ctes: Ctes) -> Node:
        """An item of a select list."""
        return self.expression(node, scope, ctes)

    def filtered(self, condition: Node, scope: Scope, relations: Iterable[Relation]) -> None:
        """Of these relations, rows for which the condition is not true make no difference."""

    def occurs(self, occurrence: int, table: str) -> None:
        """The query reads the table, at this occurrence."""

    def referred(self, inner: int, outer: int) -> None:
        """Rows of the occurrence `inner` are read as those of the occurrence `outer`."""

    # The walk.

    def query(self, node: Node, outer: Scope | None, ctes: Ctes) -> Columns:
        """Walk a query node; its output columns."""
        kind = node["type"]
        ctes = self._common(node, outer, ctes)
        if kind == "SELECT_NODE":
            return self._select(node, outer, ctes)
        if kind == "RECURSIVE_CTE_NODE":
            left = opaque(self.query(node["left"], outer, ctes))
            self.query(node["right"], outer, {**ctes, fold(node["cte_name"]): left})
            return left
        node["modifiers"] = self._inside(node["modifiers"], Scope([_NOTHING_KNOWN], outer), ctes)
        columns = [self.query(child, outer, ctes) for child in node["children"]]
        if node["setop_type"] == "UNION" and node["setop_all"]:
            united = union_all(columns, cache(self._merged))
            return united if not node["modifiers"] else not_row_wise(united)
        return UNKNOWN if "BY_NAME" in node["setop_type"] else opaque(columns[0])

    def _common(self, node: Node, outer: Scope | None, ctes: Ctes) -> Ctes:
        for entry in node["cte_map"]["map"]:
            columns = self.query(entry["value"]["query_node"], outer, ctes)
            columns = renamed(columns, entry["value"].get("aliases") or [])
            ctes = {**ctes, fold(entry["key"]): columns}
        return ctes

    def _select(self, node: Node, outer: Scope | None, ctes: Ctes) -> Columns:
        scope = Scope([], outer)
        scope.relations = self._source(node["from_table"], scope, [], ctes)
        if node["sample"] is not None:
            scope.relations = _not_row_wise(scope.relations)
        columns = output(node, scope)
        if node["where_clause"] is not None:
            self.filtered(node["where_clause"], scope, scope.relations)
            node["where_clause"] = self._inside(node["where_clause"], scope, ctes)
        # Other than in WHERE, a name can mean an item of the select list instead of a column.
        aliases = {fold(item["alias"]) for item in node["select_list"] if item.get("alias")}
        late = Scope(scope.relations, outer, scope.hidden | aliases)
        if node["group_expressions"] or node["aggregate_handling"] != "STANDARD_HANDLING":
            late.whole = bare([*node["select_list"], *node["group_expressions"]], scope)
        for name in ("group_expressions", "having", "qualify", "modifiers"):
            node[name] = self._inside(node[name], late, ctes)
        node["select_list"] = [self.item(item, late, ctes) for item in node["select_list"]]
        return columns

    def expression(self, node: Node, scope: Scope, ctes: Ctes) -> Node:
        """Walk an expression; what stands in its place afterwards."""
        replacement = self.replace(node, scope)
        if replacement is not None:
            return replacement
        if node["class"] == "SUBQUERY":
            self.query(node["subquery"]["node"], scope, ctes)
        if node["class"] == "LAMBDA":
            parameters = {fold(name) for name in names(node["lhs"])}
            node["lhs"] = self._inside(node["lhs"], scope, ctes)
            node["expr"] = self._inside(node["expr"], Scope([], scope, parameters), ctes)
            return node
        for name, value in node.items():
            if name != "subquery":
                node[name] = self._inside(value, scope, ctes)
        return node

    def _inside(self, value: Any, scope: Scope, ctes: Ctes) -> Any:
        if isinstance(value, list):
            return [self._inside(part, scope, ctes) for part in value]
        if isinstance(value, dict):
            if "class" in value:
                return self.expression(value, scope, ctes)
            for name, part in value.items():
                value[name] = self._inside(part, scope, ctes)
        return value

    # FROM.

    def _source(
        self, ref: Node, scope: Scope, beside: Sequence[Relation], ctes: Ctes
    ) -> list[Relation]:
        """The relations of a table reference; it may refer to those `beside` it, to its left."""
        relations = self._relations(ref, scope, beside, ctes)
        return _not_row_wise(relations) if ref["sample"] is not None else relations

    def _relations(
        self, ref: Node, scope: Scope, beside: Sequence[Relation], ctes: Ctes
    ) -> list[Relation]:
        lateral = Scope(beside, scope.outer)
        kind = ref["type"]
        if kind == "EMPTY":
            return []
        if kind == "JOIN":
            return self._join(ref, scope, beside, ctes)
        if kind == "BASE_TABLE":
            return [self._table(ref, ctes)]
        if kind == "SUBQUERY":
            columns = self.query(ref["subquery"]["node"], lateral, ctes)
            return [Relation(ref["alias"] or None, renamed(columns, ref["column_name_alias"]))]
        if kind == "TABLE_FUNCTION":
            ref["function"] = self._inside(ref["function"], lateral, ctes)
            return [table_function(ref)]
        if kind == "EXPRESSION_LIST":
            ref["values"] = self._inside(ref["values"], lateral, ctes)
            return [Relation(ref["alias"] or None, [])]
        if kind == "SHOW_REF" and ref["query"] is not None:
            self.query(ref["query"], lateral, ctes)
        if kind == "PIVOT":
            self._source(ref["source"], Scope([], scope.outer), beside, ctes)
            for part in ("aggregates", "pivots"):
                ref[part] = self._inside(ref[part], Scope([_NOTHING_KNOWN], scope.outer), ctes)
        return [Relation(ref["alias"] or None, UNKNOWN)]

    def _join(
        self, ref: Node, scope: Scope, beside: Sequence[Relation], ctes: Ctes
    ) -> list[Relation]:
        left = self._source(ref["left"], scope, beside, ctes)
        right = self._source(ref["right"], scope, [*beside, *left], ctes)
        scope.hidden |= {fold(name) for name in ref.get("using_columns") or []}
        if ref.get("condition") is not None:
            both = Scope([*left, *right], scope.outer, scope.hidden)
            self.filtered(ref["condition"], both, _filtered_sides(ref, left, right))
            ref["condition"] = self._inside(ref["condition"], both, ctes)
        if ref["ref_type"] not in ("REGULAR", "CROSS", "NATURAL"):
            left, right = _not_row_wise(left), _not_row_wise(right)
        return left if ref["join_type"] in ("SEMI", "ANTI") else left + right

    def _table(self, ref: Node, ctes: Ctes) -> Relation:
        path = ref["qualified_name"]["path"]
        name = ref["alias"] or path[-1]
        if is_cte(ref, frozenset(ctes)):
            columns = self._again(ctes[fold(path[0])])
        elif fold(path[-1]) in self._tables and [fold(p) for p in path[:-1]] in ([], [b"main"]):
            self._occurrences += 1
            table, known = self._tables[fold(path[-1])]
            self.occurs(self._occurrences, table)
            columns = [
                Column(fold(column), Origin(self._occurrences, table, column)) for column in known
            ]
        else:
            columns = UNKNOWN
        return Relation(name, renamed(columns, ref["column_name_alias"]))

    def _again(self, columns: Columns) -> Columns:
        """The columns of a WITH clause, read once more: as rows of their own."""
        if columns is None:
            return None
        again: dict[int, int] = {}

        def once_more(origin: Origin) -> Origin:
            if origin.occurrence not in again:
                again[origin.occurrence] = self._merged((origin.occurrence,))
            return origin._replace(occurrence=again[origin.occurrence])

        return [Column(c.name, c.origin and once_more(c.origin)) for c in columns]

    def _merged(self, occurrences: tuple[int, ...]) -> int:
        """A new occurrence that stands for these; the same for the columns of one union."""
        self._occurrences += 1
        for occurrence in occurrences:
            self.referred(occurrence, self._occurrences)
        return self._occurrences


def _filtered_sides(
    ref: Node, left: Sequence[Relation], right: Sequence[Relation]
) -> list[Relation]:
    regular = ref["ref_type"] in ("REGULAR", "CROSS", "NATURAL")
    sides = _FILTERED_SIDES.get(ref["join_type"], (False, False)) if regular else (False, False)
    return [*(left if sides[0] else []), *(right if sides[1] else [])]


def _not_row_wise(relations: Sequence[Relation]) -> list[Relation]:
    return [Relation(relation.name, not_row_wise(relation.columns)) for relation in relations]
