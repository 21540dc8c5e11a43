"""What a search for a word is narrowed to loses no text that DuckDB finds the word in."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query.logs.narrowing import fragments

LETTERS = "aAbBiIkKsSİıK\u017fßẞéÉ19 .\0"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("request 0123-4567 ok", [" 0123-4567 "]),
        ("query", ["qu", "qU", "Qu", "QU"]),
        ("take", ["ta", "tA", "Ta", "TA"]),
        ("kiki", []),
        ("é", []),
        ("a", []),
        ("día 12", [" 12"]),
        ("Straße", []),
    ],
)
def test_the_rarest_fragment_is_taken(text: str, found: list[str]) -> None:
    assert fragments(text) == found


@settings(deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=5), st.text(LETTERS, max_size=12), st.data())
def test_nothing_is_lost(word: str, text: str, data: st.DataObject) -> None:
    changed = "".join(data.draw(st.sampled_from([one, one.upper(), one.lower()])) for one in word)
    text = data.draw(st.sampled_from([text, text + changed, changed + text]))
    with duckdb.connect(config={"threads": "1"}) as database:
        asked = "SELECT contains(lower($1), lower($2))"
        (is_in,) = database.execute(asked, [text, word]).fetchall()[0]
    if is_in and (narrow := fragments(word)):
        assert any(one in text for one in narrow)


def test_every_letter_that_is_lower_cased_to_ascii_is_thought_of() -> None:
    with duckdb.connect() as database:
        rows = database.execute(
            "SELECT chr(n::INTEGER), lower(chr(n::INTEGER)) FROM range(128, 55296) t(n)"
        ).fetchall()
    special = {lower for _, lower in rows if any(one.isascii() for one in lower)}
    assert special
    assert all(set(one) & set("ik") or not one.isalpha() for one in special)
    assert not any(fragments(word) for word in ("ik", "ki", "kk"))
