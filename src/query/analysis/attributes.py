"""What `attributes->>'key'` and its like read: the key's own column where there is one.

The text is a key, whatever it contains: '', '*', '$x', '/x' are keys like any other. Only the
functions json_extract and json_extract_string take a text that begins with `$.` or `$[` as the
path that DuckDB documents (CAST(attributes AS JSON) takes any path, in every form).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from query.analysis.json_object import PREFIXES, SERVICE_NAME, SERVICE_NAME_KEY
from query.analysis.parameters import Parameters
from query.analysis.quoting import identifier, literal, pointer
from query.analysis.scopes import Origin, Relation, Scope, TableColumns
from query.analysis.statement import Node, fold

_FUNCTIONS: Final[Mapping[bytes, Literal["text", "json"]]] = {
    b"->>": "text",
    b"json_extract_string": "text",
    b"json_extract_path_text": "text",
    b"json_extract": "json",
    b"json_extract_path": "json",
}
_SCHEMAS: Final[tuple[list[str], ...]] = ([], ["main"], ["system", "main"])
_PATH: Final = re.compile(r"\$[.\[]")


@dataclass(frozen=True)
class Access:
    """One key read of one name; `rest` is what DuckDB takes from the answer further on."""

    path: list[str]
    key: str
    result: Literal["text", "json"]
    rest: "Rest | None" = None


@dataclass(frozen=True)
class Rest:
    """In a -> 'k' ->> 'x', which is parsed as a -> ('k' ->> 'x'): where 'k' stands, to be
    replaced by a -> 'k'."""

    top: Node
    holder: Node
    name: str


def access(node: Node, scope: Scope, parameters: Parameters) -> Access | None:
    """What the expression reads, where it is the reading of one key of a name."""
    if node["class"] == "FUNCTION":
        return _call(node, parameters)
    if node["class"] == "LAMBDA" and node["lhs"]["class"] == "COLUMN_REF":
        return _arrow(node, parameters)
    if node["class"] == "OPERATOR" and node["type"] == "ARRAY_EXTRACT":
        base, index = node["children"]
        key = parameters.text(index)
        if base["class"] == "COLUMN_REF" and key is not None:
            return Access(base["column_names"], key, "json")
    if node["class"] == "COLUMN_REF":
        return _member(node["column_names"], scope)
    return None


def expression(
    found: Access,
    scope: Scope,
    tables: Mapping[str, TableColumns],
    strays: Mapping[str, frozenset[str]],
) -> str | None:
    """The SQL that reads the key; None where it is not certain that the name is a table's
    attributes."""
    resolved = scope.resolve(found.path)
    if resolved is None or resolved[2].column not in PREFIXES:
        return None
    home, relation, origin = resolved
    if origin not in home.whole and origin.table in tables:
        promoted = _promoted_column(origin, found.key, tables[origin.table])
        other = _name(scope, relation, origin, f"{origin.column}_other")
        if promoted is None:
            if other is not None:
                return _from_json(other, found)
        else:
            column = _name(scope, relation, origin, promoted)
            stray = promoted == SERVICE_NAME or promoted in strays.get(origin.table, ())
            if column is not None and not (stray and other is None):
                value = _from_column(column, tables[origin.table][promoted], found)
                return (
                    f"coalesce({value}, {_from_json(other, found)})" if stray and other else value
                )
    whole = ".".join(identifier(part) for part in found.path)
    return _from_json(whole, found)


def _promoted_column(origin: Origin, key: str, columns: TableColumns) -> str | None:
    if origin.column == "resource_attributes" and key == SERVICE_NAME_KEY:
        return SERVICE_NAME if SERVICE_NAME in columns else None
    column = f"{origin.column}.{key}"
    return column if column in columns else None


def _name(scope: Scope, relation: Relation, origin: Origin, column: str) -> str | None:
    """How the other column of the same row is written here; None where it cannot be."""
    name = relation.named(origin, column)
    if name is None:
        return None
    path = [name] if relation.name is None else [relation.name, name]
    resolved = scope.resolve(path)
    if resolved is None or resolved[1] is not relation:
        return None
    return ".".join(identifier(part) for part in path)


def _from_column(column: str, duckdb_type: str, found: Access) -> str:
    if found.result == "json":
        return f"to_json({column})"
    if duckdb_type == "VARCHAR":
        return column
    # By way of JSON: 1e-05 is then written 0.00001, as it is where it comes out of JSON.
    value = f"to_json({column})" if duckdb_type == "DOUBLE" else column
    return f"CAST({value} AS VARCHAR)"


def _from_json(column: str, found: Access) -> str:
    function = "json_extract_string" if found.result == "text" else "json_extract"
    return f"{function}({column}, {literal(pointer(found.key))})"


def _call(node: Node, parameters: Parameters) -> Access | None:
    *schema, name = node["qualified_name"]["path"]
    result = _FUNCTIONS.get(fold(name))
    arguments = [argument["expression"] for argument in node["arguments"]]
    if result is None or any(argument["name"] for argument in node["arguments"]):
        return None
    if len(arguments) == 2 and arguments[0]["class"] == "COLUMN_REF" and schema in _SCHEMAS:
        path = arguments[0]["column_names"]
    elif len(arguments) == 1 and schema:  # attributes.json_extract_string('k')
        path = schema
    else:
        return None
    key = parameters.text(arguments[-1])
    if key is None or (name != "->>" and _PATH.match(key)):
        return None
    return Access(path, key, result)


def _arrow(node: Node, parameters: Parameters) -> Access | None:
    """`a -> 'k'`, which DuckDB parses as a lambda; also where more arrows follow."""
    holder, name = node, "expr"
    while True:
        leaf = holder[name]
        if leaf["class"] == "FUNCTION" and leaf["qualified_name"]["path"] == ["->>"]:
            holder, name = leaf["arguments"][0], "expression"
        else:
            break
    key = parameters.text(leaf)
    if key is None:
        return None
    rest = None if holder is node else Rest(node["expr"], holder, name)
    return Access(node["lhs"]["column_names"], key, "json", rest)


def _member(path: list[str], scope: Scope) -> Access | None:
    """`attributes.k` and `s.attributes.k`; a name before the point may be a relation's instead."""
    *base, key = path
    if len(base) not in (1, 2) or fold(base[-1]) not in {fold(prefix) for prefix in PREFIXES}:
        return None
    if len(base) == 1 and scope.names_relation(base[0]):
        return None
    return Access(base, key, "json")
