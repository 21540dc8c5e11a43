"""Matchers as conditions on a column of labels, which is a JSON object of texts."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from alerting.matching.matcher import Matcher, Operator
from goldeneye.errors import InvalidRequest

_CONDITIONS: Final = {
    Operator.EQUAL: "{label} = ${name}_value",
    Operator.NOT_EQUAL: "{label} <> ${name}_value",
    Operator.MATCHES: "regexp_full_match({label}, ${name}_value)",
    Operator.NOT_MATCHES: "NOT regexp_full_match({label}, ${name}_value)",
}


class Condition(NamedTuple):
    """A boolean expression over a table with a column `labels`, and what it names."""

    sql: str
    params: dict[str, Any]


def condition(matchers: Sequence[Matcher]) -> Condition:
    """A label that is not there is empty. Raises InvalidRequest."""
    parts, params = list[str](), dict[str, Any]()
    for index, matcher in enumerate(matchers):
        name = f"matcher_{index}"
        label = f"coalesce(json_extract_string(labels, ${name}_path), '')"
        parts.append(_CONDITIONS[matcher.operator].format(label=label, name=name))
        params |= {f"{name}_path": _path(matcher.name), f"{name}_value": matcher.value}
    return Condition(" AND ".join(parts) or "TRUE", params)


def _path(name: str) -> str:
    if '"' in name or "\\" in name:
        raise InvalidRequest(f"filter: the history is not searched by the label {name!r}")
    return f'$."{name}"'
