"""The parameters of a request; ones that are not known are ignored, as by Alertmanager."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from alerting import regex
from alerting.alertmanager_api.answers import bad_request, wrong_type
from alerting.matching.matcher import Matchers
from alerting.matching.parse import parse_matcher

_TRUE: Final = frozenset({"1", "t", "true", "y", "yes", "on", "ok", "checked", "selected"})
_FALSE: Final = frozenset({"0", "f", "false", "n", "no", "off", "", "unchecked"})


@dataclass(frozen=True)
class Parameters:
    """All pairs, in their order."""

    pairs: Sequence[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def flag(self, name: str) -> bool:
        """True where it is not given. Raises Refused."""
        given = self.all(name)
        if not given:
            return True
        word = given[-1].lower()
        if word not in _TRUE | _FALSE:
            raise wrong_type(name, "query", "bool", given[-1])
        return word in _TRUE

    def matchers(self, name: str = "filter") -> Matchers:
        """Raises Refused."""
        try:
            return tuple(parse_matcher(text)[0] for text in self.all(name))
        except ValueError as error:
            raise bad_request(str(error)) from error

    def pattern(self, name: str) -> str | None:
        """A regular expression of whole names. Raises Refused."""
        given = self.all(name)
        if not given:
            return None
        try:
            regex.check(f"^(?:{given[-1]})$")
        except regex.BadRegex as error:
            raise bad_request(f"failed to parse {name} param: {error}") from error
        return given[-1]
