"""Labels' names: Prometheus's cases, and what holds of every label."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.promql.naming.label_name import label_name
from query.promql.naming.strategy import Strategy

ESCAPING = [strategy for strategy in Strategy if strategy.escapes]
PLAIN = [strategy for strategy in Strategy if not strategy.escapes]
KEYS = st.text(st.sampled_from("ab1_.:é") | st.characters(codec="utf-8"), max_size=12)


@pytest.mark.parametrize("strategy", ESCAPING)
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("http.method", "http_method"),
        ("label:with:colons", "label_with_colons"),
        ("LabelWithCapitalLetters", "LabelWithCapitalLetters"),
        ("label!with&special$chars)", "label_with_special_chars_"),
        ("label_with_foreign_characters_字符", "label_with_foreign_characters___"),
        ("a..b", "a__b"),
        ("123label", "key_123label"),
        ("_label", "key_label"),
        (".label", "key_label"),
        ("__label", "__label"),
        ("ようこそ", None),
        ("_", "key_"),
        ("__", None),
        ("", None),
    ],
)
def test_escaped(key: str, expected: str | None, strategy: Strategy) -> None:
    assert label_name(key, strategy) == expected


@pytest.mark.parametrize("strategy", PLAIN)
@pytest.mark.parametrize("key", ["http.method", "123", "_a", "ようこそ"])
def test_not_escaped(key: str, strategy: Strategy) -> None:
    assert label_name(key, strategy) == key
    assert label_name("__", strategy) is None


@given(KEYS, st.sampled_from(ESCAPING))
def test_escaped_labels_are_legal_and_stay(key: str, strategy: Strategy) -> None:
    label = label_name(key, strategy)
    if label is not None:
        assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label, re.ASCII)
        assert label_name(label, strategy) == label
