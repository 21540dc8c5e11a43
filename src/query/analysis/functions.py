"""Which functions of DuckDB a user's SQL may call: the lists of functions.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from query.analysis.statement import fold

# In C it takes 10 ms; in Python it was a quarter of a worker's start.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Functions:
    """Allowed names (folded), and the patterns of refused names with the reason of each."""

    allowed: frozenset[bytes]
    refused: Mapping[str, str]

    def refusal(self, name: str) -> str | None:
        """Why the function may not be called; None where it may."""
        if fold(name) in self.allowed:
            return None
        for pattern, reason in self.refused.items():
            if fnmatchcase(name.lower(), pattern):
                return f"it {reason}"
        return "it is not among the functions that are known to be harmless"


@cache
def scalar_functions() -> Functions:
    """Scalar, aggregate and window functions and macros."""
    return _functions("functions")


@cache
def table_functions() -> Functions:
    """What may stand in FROM with arguments."""
    return _functions("table_functions")


def _functions(kind: str) -> Functions:
    text = files("query.analysis").joinpath("functions.yaml").read_text(encoding="utf-8")
    lists: Mapping[str, Any] = yaml.load(text, _LOADER)[kind]
    refused = {
        pattern: reason for reason, patterns in lists["refused"].items() for pattern in patterns
    }
    return Functions(frozenset(fold(name) for name in lists["allowed"]), refused)
