"""Go's string literals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.go_strings import quote, unquote


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_what_is_quoted_is_unquoted_again(text: str) -> None:
    assert unquote(quote(text)) == text


@pytest.mark.parametrize(
    ("literal", "text"),
    [('"a\\x41\\101\\u00e9\\U0001f642\\t"', "aAAé🙂\t"), ("`a\\b\r`", "a\\b"), ("'\\''", "'"),
     ('"\\xf0\\x9f\\x99\\x82"', "🙂")],
)  # fmt: skip
def test_unquoted(literal: str, text: str) -> None:
    assert unquote(literal) == text


@pytest.mark.parametrize(
    "literal",
    ["", '"', '"a', "a", '"a"b"', '"\\q"', '"\\xff"', '"\\ud800"', '"a\nb"', "'ab'", '"\\\'"'],
)
def test_refused(literal: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        unquote(literal)
