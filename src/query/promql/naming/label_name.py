"""Label names: what an attribute is called."""

import re
from functools import lru_cache
from typing import Final

from query.promql.naming.strategy import Strategy

_FOREIGN: Final = re.compile(r"[^a-zA-Z0-9_]", re.ASCII)


@lru_cache(maxsize=65_536)
def label_name(key: str, strategy: Strategy) -> str | None:
    """The label of an attribute's key; None where Prometheus refuses it: empty, or underscores.

    A name must not begin with a digit, and one that begins with a single underscore would read as
    internal; both get `key` before them. Names that begin with two are reserved and stay.
    """
    label = key if not strategy.escapes else _escaped(key)
    return label if label.strip("_") else None


def _escaped(key: str) -> str:
    label = _FOREIGN.sub("_", key)
    if label[:1].isdigit():
        return f"key_{label}"
    if label.startswith("_") and not label.startswith("__"):
        return f"key{label}"
    return label
