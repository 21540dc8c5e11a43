"""Templates of one notification, expanded; what fails becomes text and is remembered."""

import html
import json
from collections.abc import Mapping
from typing import Any

from alerting.labels import written
from alerting.notifying.notification import Notification, SendFailed
from alerting.templates.engine import Engine
from alerting.templates.errors import TemplateError

_CUT = "…"


class Texts:
    """`errors` are those of all expansions so far."""

    def __init__(self, engine: Engine, notification: Notification) -> None:
        self._engine = engine
        self._data = notification.data
        self._notification = notification
        self.errors: list[str] = []

    def prose(self, template: str) -> str:
        """What people read: where it fails, the group and the reason stand in its place."""
        try:
            return self._engine.expand(template, self._data)
        except TemplateError as error:
            return self._failed(error)

    def html(self, template: str) -> str:
        """The same, its values escaped."""
        try:
            return self._engine.expand_html(template, self._data)
        except TemplateError as error:
            return f"<pre>{html.escape(self._failed(error), quote=False)}</pre>"

    def word(self, template: str, default: str = "") -> str:
        """What a service understands, such as a channel: where it fails, the default."""
        try:
            return self._engine.expand(template, self._data)
        except TemplateError as error:
            self._failed(error)
            return default

    def needed(self, name: str, template: str) -> str:
        """A word without which nothing can be sent. Raises SendFailed."""
        known = len(self.errors)
        found = self.word(template).strip()
        if not found:
            reason = "; ".join(self.errors[known:]) or "is empty"
            raise SendFailed(f"{name}: {reason}", retryable=False)
        return found

    def deep(self, value: Any) -> Any:
        """All texts of a nested value expanded, keys too; what becomes JSON is JSON."""
        match value:
            case str():
                return _structure(value, self.prose(value))
            case Mapping():
                return {self.prose(str(k)): self.deep(v) for k, v in value.items()}
            case list() | tuple():
                return [self.deep(each) for each in value]
            case _:
                return value

    def _failed(self, error: TemplateError) -> str:
        self.errors.append(str(error))
        state = self._notification.status.upper()
        group = written(self._notification.group_labels)
        return f"[{state}:{len(self._notification.firing)}] {group} ({error})"


def _structure(template: str, text: str) -> Any:
    if "{{" not in template:
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if json_safe(found) else text


def json_safe(value: Any) -> bool:
    """Whether it can be written as JSON that everybody reads: NaN and infinities cannot."""
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    return True


def truncated(text: str, characters: int) -> str:
    """At most so many characters, an ellipsis for what is left out."""
    return text if len(text) <= characters else text[: characters - 1] + _CUT


def truncated_bytes(text: str, size: int) -> str:
    """At most so many bytes of UTF-8, an ellipsis for what is left out."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= size:
        return text
    kept = encoded[: size - len(_CUT.encode())]
    return kept.decode("utf-8", "ignore") + _CUT


def listed(text: str, separator: str = ",") -> list[str]:
    """The parts that say something."""
    return [part.strip() for part in text.split(separator) if part.strip()]
