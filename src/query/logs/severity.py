"""Levels of log records: OTLP's numbers 1 to 24 in six words."""

from functools import cache
from typing import Final

from goldeneye.errors import InvalidRequest
from goldeneye.sql_files import sql
from query.asking.statements import filled

# Each word is four numbers, of which this is the first.
FIRST: Final = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17, "fatal": 21}
UNSPECIFIED: Final = "unspecified"
_NUMBERS: Final = 4
_MOST: Final = 24
# What loggers call their levels, in lower case.
_CALLED: Final = {
    "trace": "trace trc t finest finer",
    "debug": "debug dbg d verbose fine",
    "info": "info information informational i notice",
    "warn": "warn warning w",
    "error": "error err e severe",
    "fatal": "fatal f crit critical c alert emerg emergency panic",
}


def numbers(written: str) -> tuple[int, int]:
    """The first and last number of a level, given as a word or a number; InvalidRequest."""
    word = written.strip().lower()
    for level, called in _CALLED.items():
        if len(word) > 1 and word in called.split():
            return FIRST[level], FIRST[level] + _NUMBERS - 1
    if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= _MOST:
        return int(word), int(word)
    words = ", ".join(FIRST)
    raise InvalidRequest(f"{written[:40]!r} is no level: {words}, or a number from 1 to {_MOST}")


@cache
def effective() -> str:
    """SQL of a row's severity number: as sent, else derived from its texts, else NULL."""
    levels = {name: FIRST[level] for level, called in _CALLED.items() for name in called.split()}
    # The longest first, so that none is taken for the beginning of another.
    words = sorted((name for name in levels if len(name) > 1), key=len, reverse=True)
    pairs = ", ".join(f"'{name}': {number}" for name, number in levels.items())
    parts = {"numbers": f"{{{pairs}}}", "words": "|".join(words)}
    # A statement's comments would swallow what follows them on its line.
    return f"(\n{filled(sql('query.logs', 'severity'), parts)}\n)"


@cache
def word() -> str:
    """SQL of a row's level as a word; numbers above 24, which OTLP does not have, are fatal.

    It says each thing once: expressions cost their planning, each time that they are bound.
    """
    return _word(effective())


def sent_word() -> str:
    """The same where a number was sent, without a look at texts."""
    return _word("severity_number")


def _word(number: str) -> str:
    words = ", ".join(f"'{name}'" for name in FIRST)
    # `least` passes over NULL.
    place = f"least(coalesce(({number} + {_NUMBERS - 1}) // {_NUMBERS}, 0), {len(FIRST)})"
    return f"coalesce(([{words}])[{place}], '{UNSPECIFIED}')"
