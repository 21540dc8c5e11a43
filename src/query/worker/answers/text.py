"""DuckDB's values as text, by SQL: one vectorised expression for each column.

As JSON, values are what docs/api.md says: 64-bit and larger integers are numbers, times RFC 3339
with nanoseconds, NaN and infinities strings, blobs base64, nested values nested.
"""

from collections.abc import Iterable
from typing import Any, Final

from duckdb.sqltypes import DuckDBPyType

from query.analysis.quoting import literal

NUMBERS: Final = frozenset(
    {"boolean", "decimal", "bignum"}
    | {"tinyint", "smallint", "integer", "bigint", "hugeint"}
    | {"utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"}
)
FLOATS: Final = frozenset({"float", "double"})
_TIMES: Final = frozenset(
    {"timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"}
)
# Besides strings, what DuckDB takes for JSON and nobody else does: NaN, Infinity, a last comma.
_NO_JSON: Final = r"(?i)nan|inf|,\s*[\]}]"
_JSON_STRING: Final = r'"(?:[^"\\]|\\.)*"'


def is_json(kind: DuckDBPyType) -> bool:
    """JSON is an alias of VARCHAR, which only its name tells."""
    return str(kind) == "JSON"


def members(kind: DuckDBPyType) -> list[tuple[str, Any]]:
    """A nested type's own types by name, which the library also uses for its sizes."""
    return list(kind.children)


def plain(kind: DuckDBPyType, value: str) -> str:
    """An expression of type VARCHAR for people and spreadsheets; NULL for NULL."""
    if kind.id in FLOATS:
        return f"trim({_float(value)}, '\"')"
    if kind.id in _TIMES:
        return _time(value)
    if kind.id == "blob":
        return f"base64({value})"
    if kind.id in ("list", "array", "struct", "map"):
        return json(kind, value)
    return f"CAST({value} AS VARCHAR)"


def json(kind: DuckDBPyType, value: str, depth: int = 0) -> str:
    """An expression of type VARCHAR that is the value's JSON; NULL for NULL."""
    if kind.id in NUMBERS:
        return f"CAST({value} AS VARCHAR)"
    if kind.id in FLOATS:
        return _float(value)
    if kind.id in _TIMES:
        return f"'\"' || {_time(value)} || '\"'"
    if kind.id in ("list", "array"):
        return _list(kind, value, depth)
    if kind.id == "struct":
        return _struct(kind, value, depth)
    if kind.id == "map":
        return _map(kind, value, depth)
    if is_json(kind):
        return _valid(f"CAST({value} AS VARCHAR)")
    if kind.id in ("union", "variant"):
        return _valid(f"CAST(to_json({value}) AS VARCHAR)")
    text = f"base64({value})" if kind.id == "blob" else f"CAST({value} AS VARCHAR)"
    return f"CAST(to_json({text}) AS VARCHAR)"


def joined(texts: Iterable[str]) -> str:
    """An expression that puts commas between texts, of which none is NULL.

    Not a chain of ||, which took DuckDB four times as long for 130 columns.
    """
    return f"concat_ws(',', {', '.join(texts)})"


def _float(value: str) -> str:
    return (
        f"CASE WHEN isnan({value}) THEN '\"NaN\"' WHEN NOT isinf({value}) "
        f"THEN CAST({value} AS VARCHAR) WHEN {value} > 0 THEN '\"Infinity\"' "
        f"WHEN {value} < 0 THEN '\"-Infinity\"' END"
    )


def _time(value: str) -> str:
    # The Z is apart, since DuckDB 2.0 cuts %n to six digits where a literal follows it.
    text = f"strftime({value}, '%Y-%m-%dT%H:%M:%S.%n') || 'Z'"
    return f"CASE WHEN isfinite({value}) THEN {text} ELSE CAST({value} AS VARCHAR) END"


def _valid(text: str) -> str:
    """The JSON itself; as a string where it is JSON only to DuckDB."""
    outside = f"regexp_replace({text}, {literal(_JSON_STRING)}, '', 'g')"
    return (
        f"CASE WHEN regexp_matches({text}, {literal(_NO_JSON)}) "
        f"AND regexp_matches({outside}, {literal(_NO_JSON)}) "
        f"THEN CAST(to_json({text}) AS VARCHAR) ELSE {text} END"
    )


def _list(kind: DuckDBPyType, value: str, depth: int) -> str:
    element, child = f"x{depth}", members(kind)[0][1]
    item = f"coalesce({json(child, element, depth + 1)}, 'null')"
    items = f"list_transform(CAST({value} AS {child}[]), lambda {element}: {item})"
    text = f"coalesce(array_to_string({items}, ','), '')"
    return f"CASE WHEN {value} IS NOT NULL THEN '[' || {text} || ']' END"


def _struct(kind: DuckDBPyType, value: str, depth: int) -> str:
    fields = []
    for number, (name, child) in enumerate(members(kind), start=1):
        text = json(child, f"struct_extract_at({value}, {number})", depth)
        fields.append(f"to_json({literal(name)}) || ':' || coalesce({text}, 'null')")
    return f"CASE WHEN {value} IS NOT NULL THEN '{{' || {joined(fields)} || '}}' END"


def _map(kind: DuckDBPyType, value: str, depth: int) -> str:
    (_, key), (_, child) = members(kind)
    entry = f"x{depth}"
    member = (
        f"to_json({plain(key, f'{entry}.key')}) || ':' || "
        f"coalesce({json(child, f'{entry}.value', depth + 1)}, 'null')"
    )
    items = f"list_transform(map_entries({value}), lambda {entry}: {member})"
    text = f"coalesce(array_to_string({items}, ','), '')"
    return f"CASE WHEN {value} IS NOT NULL THEN '{{' || {text} || '}}' END"
