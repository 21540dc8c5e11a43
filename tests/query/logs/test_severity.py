"""Levels: as sent where a number was, else as the texts tell."""

import duckdb
import pytest

from goldeneye.errors import InvalidRequest
from query.logs.severity import numbers, word


def level(number: int | None, text: str | None, body: str | None) -> str:
    """The level of one record."""
    row = "(SELECT $1::INTEGER AS severity_number, $2 AS severity_text, $3 AS body_text)"
    with duckdb.connect(config={"threads": "1"}) as database:
        found = database.execute(f"SELECT {word()} FROM {row}", [number, text, body]).fetchall()
    return str(found[0][0])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        *((1, "trace"), (4, "trace"), (5, "debug"), (9, "info"), (12, "info"), (13, "warn")),
        *((16, "warn"), (17, "error"), (20, "error"), (21, "fatal"), (24, "fatal"), (99, "fatal")),
    ],
)
def test_a_number_counts_whatever_the_texts_say(number: int, expected: str) -> None:
    assert level(number, "WARN", "error: x") == expected


@pytest.mark.parametrize("number", [0, None, -1])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INFO", "info"),
        ("Information", "info"),
        ("information", "info"),
        ("INFO2", "info"),
        ("notice", "info"),
        ("I", "info"),
        ("WARNING", "warn"),
        ("[warn]", "warn"),
        ("err", "error"),
        ("SEVERE", "error"),
        ("E", "error"),
        ("CRITICAL", "fatal"),
        ("Crit", "fatal"),
        ("emerg", "fatal"),
        ("FINE", "debug"),
        ("finest", "trace"),
        ("TRACE4", "trace"),
        ("loud", "unspecified"),
        ("informal", "unspecified"),
        ("", "unspecified"),
        (None, "unspecified"),
    ],
)
def test_the_text_tells_where_no_number_does(
    number: int | None, text: str | None, expected: str
) -> None:
    assert level(number, text, None) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("level=warn msg=x", "warn"),
        ('{"ts":1,"level":"error","msg":"level=info"}', "error"),
        ("severity: FATAL", "fatal"),
        ("lvl=dbg", "debug"),
        ("[Error] no answer", "error"),
        ("warning: disk is slow", "warn"),
        ("<info> ready", "info"),
        ("2026-01-01 10:00:00,123 ERROR main: x", "error"),
        ("10:00 [main] WARNING x", "warn"),
        ("an error was found", "unspecified"),
        ("information: none", "info"),
        ("the level=loud one", "unspecified"),
        ("TERRORS", "unspecified"),
        ("x" * 130 + " ERROR", "unspecified"),
        ("", "unspecified"),
    ],
)
def test_the_body_tells_where_nothing_else_does(body: str, expected: str) -> None:
    assert level(0, "", body) == expected
    assert level(0, "loud", body) == expected
    assert level(0, "debug", body) == "debug"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("warn", (13, 16)),
        ("WARNING", (13, 16)),
        ("err", (17, 20)),
        ("critical", (21, 24)),
        ("18", (18, 18)),
        (" info ", (9, 12)),
    ],
)
def test_a_level_is_given_as_a_word_or_a_number(written: str, found: tuple[int, int]) -> None:
    assert numbers(written) == found


@pytest.mark.parametrize("written", ["", "w", "loud", "0", "25", "-1", "1.5", "٣"])
def test_anything_else_is_no_level(written: str) -> None:
    with pytest.raises(InvalidRequest, match="is no level: trace, debug, info, warn"):
        numbers(written)
