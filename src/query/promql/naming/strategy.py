"""The four ways in which OTLP names become Prometheus names."""

from enum import StrEnum


class Strategy(StrEnum):
    """Prometheus's `otlp.translation_strategy`, with its words."""

    UNDERSCORE_ESCAPING_WITH_SUFFIXES = "UnderscoreEscapingWithSuffixes"
    UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES = "UnderscoreEscapingWithoutSuffixes"
    NO_UTF8_ESCAPING_WITH_SUFFIXES = "NoUTF8EscapingWithSuffixes"
    NO_TRANSLATION = "NoTranslation"

    @property
    def escapes(self) -> bool:
        """Whether characters outside the classic names become underscores."""
        return self in _ESCAPING

    @property
    def adds_suffixes(self) -> bool:
        """Whether unit and type are appended to metric names."""
        return self in _SUFFIXING


_ESCAPING = frozenset(
    {Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES, Strategy.UNDERSCORE_ESCAPING_WITHOUT_SUFFIXES}
)
_SUFFIXING = frozenset(
    {Strategy.UNDERSCORE_ESCAPING_WITH_SUFFIXES, Strategy.NO_UTF8_ESCAPING_WITH_SUFFIXES}
)
