"""Attribute values as label values: what OpenTelemetry's `AsString` makes of them."""

import math

import orjson

from query.promql.naming.numbers import api_number, general_number


def attribute_text(value: object) -> str:
    """`value` is read from canonical JSON, with its `$double`, `$bytes` and `$map`.

    An absent value is the empty text, which is the same as no label. Arrays and maps are JSON,
    maps with sorted keys; empty where they hold a number that JSON does not have.
    """
    match _plain(value):
        case None:
            return ""
        case str() as text:
            return text
        case float() as number if not math.isfinite(number):
            return f"json: unsupported value: {general_number(number)}"
        case plain:
            return _json(plain) or ""


def _plain(value: object) -> object:
    """What was sent: without the members that canonical JSON wraps around it."""
    if isinstance(value, dict) and len(value) == 1:
        match value:
            case {"$double": str(word)}:
                return float(word)
            case {"$bytes": str(base64)}:
                return base64
            case {"$map": dict(members)}:
                return members
    return value


def _json(value: object) -> str | None:
    """None where it cannot be written."""
    match value:
        case float():
            return _double(value) if math.isfinite(value) else None
        case list():
            items = [_json(_plain(item)) for item in value]
        case dict():
            items = [_member(key, _plain(value[key])) for key in sorted(value)]
        case _:
            return orjson.dumps(value).decode()
    if None in items:
        return None
    body = ",".join(item for item in items if item is not None)
    return f"[{body}]" if isinstance(value, list) else f"{{{body}}}"


def _member(key: str, value: object) -> str | None:
    written = _json(value)
    return None if written is None else f"{orjson.dumps(key).decode()}:{written}"


def _double(value: float) -> str:
    """As JSON in Go: `1e-7` where a sample would be `1e-07`."""
    text = api_number(value)
    return f"{text[:-2]}{text[-1]}" if text[-4:-1] == "e-0" else text
