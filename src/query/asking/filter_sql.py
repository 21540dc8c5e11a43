"""Filters of attributes as SQL conditions. Keys and values are bound, never written into it.

The conditions say `attributes->>$key`: query/analysis/rewrite.py makes the promoted column of it
where there is one.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from goldeneye.schemas import well_known_keys
from query.asking.filters import Filter, Home

_TEXTS: Final = {
    "": "coalesce(attributes->>{key}, resource_attributes->>{key})",
    "attributes": "(attributes->>{key})",
    "resource_attributes": "(resource_attributes->>{key})",
}
_CONDITIONS: Final = {
    "=": "{text} IN ({values})",
    "!=": "{text} NOT IN ({values})",
    "~": "regexp_matches({text}, {values})",
    "!~": "NOT regexp_matches({text}, {values})",
    "exists": "{text} IS NOT NULL",
    "!exists": "{text} IS NULL",
}


class Condition(NamedTuple):
    """A boolean expression over a table with attributes, and the parameters that it names."""

    sql: str
    params: dict[str, Any]


def condition(filters: Sequence[Filter], prefix: str = "filter") -> Condition:
    """True for rows that every filter matches; `prefix` begins the names of its parameters.

    A key that is well known for items or for resources alone (docs/format.md) is looked for there.
    An absent attribute matches `!exists` alone. Where the filter's value is a number, `<`, `>`
    and their like compare numbers, and leave out values that are none; `=` and `!=` compare
    text, of which 3 is also 3.0, and 1.20 is not 1.2.
    """
    parts: list[str] = []
    params: dict[str, Any] = {}
    for index, one in enumerate(filters):
        name = f"{prefix}_{index}"
        values = {f"{name}_{place}": value for place, value in enumerate(_values(one))}
        params |= {f"{name}_key": one.key, **values}
        parts.append(f"({_condition(one, name, [f'${value}' for value in values])})")
    return Condition(" AND ".join(parts) or "TRUE", params)


def _condition(one: Filter, name: str, values: Sequence[str]) -> str:
    text = attribute_text(one.home or _usual_home(one.key), f"{name}_key")
    if one.operator in _CONDITIONS:
        return _CONDITIONS[one.operator].format(text=text, values=", ".join(values))
    compared = text if one.number is None else f"TRY_CAST({text} AS DOUBLE)"
    return f"{compared} {one.operator} {values[0]}"


def attribute_text(home: Home, parameter: str) -> str:
    """The attribute as text, of the item or else of its resource where it has no home."""
    return _TEXTS[home].format(key=f"${parameter}")


def _usual_home(key: str) -> Home:
    """Where the semantic conventions have the key; to look into the JSON of the other home too
    would cost forty times as much."""
    known = well_known_keys()
    own, resource = key in known.attributes, key in known.resource_attributes
    if own == resource:
        return ""
    return "attributes" if own else "resource_attributes"


def _values(one: Filter) -> list[Any]:
    if one.text is None:
        return []
    if one.number is None:
        return [one.text]
    if one.operator not in ("=", "!="):
        return [one.number]
    texts = [one.text.strip()]
    if one.number.is_integer():
        # Beyond 2^53 the double may be another integer than the one that was written.
        written = texts[0].lstrip("+-").isdecimal()
        texts += [str(int(texts[0] if written else one.number)), repr(one.number)]
    return list(dict.fromkeys(texts))
