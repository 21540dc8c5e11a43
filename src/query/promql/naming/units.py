"""UCUM units, as OTLP has them, in the words of Prometheus."""

import re
from functools import lru_cache
from typing import Final

from query.promql.naming.strategy import Strategy

_WORDS: Final = {
    "d": "days",
    "h": "hours",
    "min": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "By": "bytes",
    "KiBy": "kibibytes",
    "MiBy": "mebibytes",
    "GiBy": "gibibytes",
    # Not tebibytes: Prometheus has it so, and names must be the same as there.
    "TiBy": "tibibytes",
    "KBy": "kilobytes",
    "MBy": "megabytes",
    "GBy": "gigabytes",
    "TBy": "terabytes",
    "m": "meters",
    "V": "volts",
    "A": "amperes",
    "J": "joules",
    "W": "watts",
    "g": "grams",
    "Cel": "celsius",
    "Hz": "hertz",
    "1": "",
    "%": "percent",
}
_PER_WORDS: Final = {
    "s": "second",
    "m": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
    "mo": "month",
    "y": "year",
}
_FOREIGN: Final = re.compile(r"[^a-zA-Z0-9:]+", re.ASCII)


def unit_words(unit: str) -> tuple[str, str]:
    """`By/s` is `("bytes", "per_second")`; annotations in braces and blanks are the empty word."""
    whole, _, part = unit.partition("/")
    main = _word(whole, _WORDS)
    per = _word(part, _PER_WORDS)
    return main, f"per_{per}" if per else ""


def escaped_unit_words(unit: str) -> tuple[str, str]:
    """`unit_words` with only characters that metric names may have."""
    main, per = (_FOREIGN.sub("_", word).removeprefix("_") for word in unit_words(unit))
    per = per.removesuffix("_")
    return (main.removesuffix("_") if per else main), ("" if per == "per" else per)


@lru_cache(maxsize=4096)
def unit_name(unit: str, strategy: Strategy) -> str:
    """The unit in metadata and in `__unit__`: `bytes_per_second`, empty for ratios and counts."""
    words = escaped_unit_words(unit) if strategy.escapes else unit_words(unit)
    return "_".join(word for word in words if word).removeprefix("_").removesuffix("_")


def _word(symbol: str, words: dict[str, str]) -> str:
    symbol = symbol.strip()
    if "{" in symbol or "}" in symbol:
        return ""
    return words.get(symbol, symbol)
