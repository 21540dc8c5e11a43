"""Answers as JSON."""

from collections.abc import Mapping
from typing import Any

import orjson

from query.promql.labels import readable


def as_json(answer: Mapping[str, Any]) -> bytes:
    """Texts of PromQL may have bytes that are no UTF-8; the replacement character stands for
    them."""
    try:
        return orjson.dumps(answer)
    except TypeError:
        return orjson.dumps(_readable(answer))


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, Mapping):
        return {_readable(name): _readable(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(member) for member in value]
    return value
