"""Texts that are never shown: in no repr, no dump, no copy that would show them."""

import os
import re
from pathlib import Path
from typing import Final

from goldeneye.errors import ConfigurationError

SHOWN: Final = "<secret>"
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Secret:
    """What only `reveal` tells."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def parse(cls, text: str) -> "Secret":
        """`${NAME}` is what the environment says of NAME. Raises ValueError where it is not set."""
        variable = _VARIABLE.fullmatch(text)
        if variable is None:
            return cls(text)
        found = os.environ.get(variable[1])
        if found is None:
            raise ValueError(f"environment variable {variable[1]} is not set")
        return cls(found)

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __deepcopy__(self, _: object) -> "Secret":
        return self

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written anywhere")


def revealed(secret: Secret | None, file: str) -> str:
    """The secret, or what its file says now, so that it can be changed without a restart.

    Raises ConfigurationError where the file cannot be read.
    """
    if secret is not None or not file:
        return secret.reveal() if secret is not None else ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ConfigurationError(f"{file}: cannot be read: {reason}") from error
