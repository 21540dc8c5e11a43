"""What is wrong with a document: file, line, field and reason."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goldeneye.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a file; `field` is its path, such as `groups[0].rules[2].for`."""

    file: str
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: "
        return place + (f"{self.field}: {self.reason}" if self.field else self.reason)


class BadFile(ConfigurationError):
    """A file that cannot be used: all its problems, one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def unknown(key: str, known: Iterable[str], all_named: bool = False) -> str:
    """The reason where a field is none of the known ones: the nearest, and perhaps all, of them."""
    names = sorted(known)
    near = difflib.get_close_matches(key, names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"unknown field{hint}" + (f" (known: {', '.join(names)})" if all_named else "")
