"""What no parameter of a question may be, whichever it is: broken UTF-8, or said twice."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel

from goldeneye.errors import InvalidRequest


def refuse_ambiguity(scope: Mapping[str, Any]) -> None:
    """Of a request that has its route. Raises InvalidRequest: else the last of two values counted.

    Routes that pass over what they do not know are left alone: other people's interfaces.
    """
    fields = _strict_parameters(scope)
    if not fields:
        return
    counts = Counter(name for name, _ in _parsed(scope["query_string"]))
    for name, kind in fields.items():
        if counts[name] > 1 and not _is_list(kind):
            raise InvalidRequest(f"{name}: is given {counts[name]} times")


def _is_list(kind: Any) -> bool:
    return any(get_origin(one) is list for one in (kind, *get_args(kind)))


def _parsed(query_string: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequest("the query string is not UTF-8") from error


def _strict_parameters(scope: Mapping[str, Any]) -> dict[str, Any]:
    """Names and types of what the route's models have that forbid all else."""
    return {
        field.alias or name: field.annotation
        for parameter in scope["route"].dependant.query_params
        if isinstance(asked := parameter.field_info.annotation, type)
        and issubclass(asked, BaseModel)
        and asked.model_config.get("extra") == "forbid"
        for name, field in asked.model_fields.items()
    }
