"""What clients send, read field by field with Alertmanager's words for what is wrong."""

import json
from collections.abc import Mapping
from typing import Any, Final

from alerting.alertmanager_api.answers import required, too_few, unreadable
from alerting.labels import Labels
from goldeneye.errors import InvalidRequest
from goldeneye.times import MIN_NS, parse_time

_KINDS: Final[Mapping[type, str]] = {
    str: "string",
    bool: "bool",
    list: "array",
    dict: "object",
    int: "number",
    float: "number",
    type(None): "null",
}


class Body:
    """An object of the body; `what` is named in errors."""

    def __init__(self, what: str, fields: Any, path: str = "") -> None:
        """Raises Refused."""
        self._what = what
        self._fields = self._of(fields, dict)
        self._path = path

    def text(self, name: str) -> str:
        """Raises Refused where it is missing or no text."""
        value = self._fields.get(name)
        if value is None:
            raise required(self._path + name)
        return str(self._of(value, str))

    def optional_text(self, name: str) -> str:
        value = self._fields.get(name)
        return "" if value is None else str(self._of(value, str))

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Raises Refused where it is missing and there is no default."""
        value = self._fields.get(name)
        if value is not None:
            return bool(self._of(value, bool))
        if default is None:
            raise required(self._path + name)
        return default

    def time_ns(self, name: str) -> int:
        """0 where it is Go's zero time. Raises Refused."""
        return self._time(self.text(name))

    def optional_time_ns(self, name: str) -> int:
        return self._time(self.optional_text(name))

    def labels(self, name: str, needed: bool = False) -> Labels:
        value = self._fields.get(name)
        if value is None:
            if needed:
                raise required(self._path + name)
            return {}
        given = self._of(value, dict)
        return {self._of(key, str): self._of(one, str) for key, one in given.items()}

    def items(self, name: str) -> "list[Body]":
        """At least one. Raises Refused."""
        value = self._fields.get(name)
        if value is None:
            raise required(self._path + name)
        items = self._of(value, list)
        if not items:
            raise too_few(self._path + name)
        return [Body(self._what, one, f"{self._path}{name}.{at}.") for at, one in enumerate(items)]

    def _time(self, text: str) -> int:
        if not text or text.startswith("0001-01-01T00:00:00"):
            return 0
        try:
            if "T" not in text.upper():
                raise InvalidRequest("it is not RFC 3339")
            return max(MIN_NS, parse_time(text, 0))
        except InvalidRequest as error:
            raise unreadable(self._what, f'parsing time "{text}": {error}') from error

    def _of(self, value: Any, kind: type) -> Any:
        if type(value) is not kind:
            found = _KINDS[type(value)]
            reason = f"json: cannot unmarshal {found} into a value of type {_KINDS[kind]}"
            raise unreadable(self._what, reason)
        if kind is str:
            _encodable(self._what, str(value))
        return value


def _encodable(what: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise unreadable(what, f"half of a character at {error.start}") from error


def parsed(what: str, body: bytes) -> Any:
    """The JSON of a body. Raises Refused."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise unreadable(what, str(error)) from error


def listed(what: str, body: bytes) -> list[Body]:
    """The objects of a body that is a list. Raises Refused."""
    found = parsed(what, body)
    if not isinstance(found, list):
        kind = _KINDS[type(found)]
        raise unreadable(what, f"json: cannot unmarshal {kind} into a value of type array")
    return [Body(what, one, f"{at}.") for at, one in enumerate(found)]
