"""A statement of ours with its parts that vary, each of them SQL from a closed list."""

import re
from collections.abc import Mapping
from typing import Final

_PLACE: Final = re.compile(r"\{\{(\w+)\}\}")


def filled(text: str, parts: Mapping[str, str]) -> str:
    """The statement with `{{name}}` replaced by parts[name].

    Parts are SQL that our own code chose: conditions of filter_sql, or words of a closed list;
    values are bound. Raises KeyError where one is missing.
    """
    return _PLACE.sub(lambda place: parts[place[1]], text)
