"""The types that Arrow and Parquet readers know, in place of DuckDB's own."""

from typing import Final

from duckdb.sqltypes import DuckDBPyType

from query.analysis.quoting import identifier
from query.worker.answers.text import is_json, members

# HUGEINT is what sums of BIGINT are; a decimal of 38 digits holds all but absurd ones.
_PLAIN: Final = {
    "hugeint": "DECIMAL(38, 0)",
    "uhugeint": "DECIMAL(38, 0)",
    "bignum": "VARCHAR",
    "bit": "VARCHAR",
    "interval": "VARCHAR",
    "time with time zone": "VARCHAR",
    "uuid": "VARCHAR",
    "enum": "VARCHAR",
    "union": "VARCHAR",
    "variant": "VARCHAR",
    "null": "VARCHAR",
}


def plain_type(kind: DuckDBPyType) -> str:
    """The type, as SQL, that the value is cast to before it is written."""
    if is_json(kind):
        return "VARCHAR"
    if kind.id == "list":
        return f"{plain_type(members(kind)[0][1])}[]"
    if kind.id == "array":
        return f"{plain_type(members(kind)[0][1])}[{members(kind)[1][1]}]"
    if kind.id == "struct" and all(name for name, _ in members(kind)):
        fields = ", ".join(f"{identifier(n)} {plain_type(child)}" for n, child in members(kind))
        return f"STRUCT({fields})"
    if kind.id == "map":
        (_, key), (_, value) = members(kind)
        return f"MAP({plain_type(key)}, {plain_type(value)})"
    return _PLAIN.get(kind.id, str(kind))
