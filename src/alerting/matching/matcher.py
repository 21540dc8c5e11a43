"""One condition on one label; a label that is not there is empty."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from alerting import regex
from alerting.go_strings import quote
from alerting.labels import Labels

# Names that need no quotes.
CLASSIC_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)


class Operator(StrEnum):
    """How a label's value is compared."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    NOT_MATCHES = "!~"


@dataclass(frozen=True, slots=True, order=True)
class Matcher:
    """Regular expressions are RE2 and match whole values. Raises ValueError for a broken one."""

    name: str
    operator: Operator
    value: str

    def __post_init__(self) -> None:
        if self.is_regex:
            regex.check(f"^(?:{self.value})$")

    @property
    def is_regex(self) -> bool:
        return self.operator in (Operator.MATCHES, Operator.NOT_MATCHES)

    @property
    def is_positive(self) -> bool:
        return self.operator in (Operator.EQUAL, Operator.MATCHES)

    def matches(self, labels: Labels) -> bool:
        value = labels.get(self.name, "")
        same = regex.matches(self.value, value) if self.is_regex else self.value == value
        return same is self.is_positive

    def __str__(self) -> str:
        name = self.name if CLASSIC_NAME.fullmatch(self.name) else quote(self.name)
        value = self.value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'{name}{self.operator}"{value}"'


Matchers = tuple[Matcher, ...]


def all_match(matchers: Iterable[Matcher], labels: Labels) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def written(matchers: Iterable[Matcher]) -> str:
    """`{a="b",c=~"d"}`"""
    return "{" + ",".join(map(str, matchers)) + "}"
