"""Texts that are cut, and texts that become JSON."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.notifying import NOW_NS, notification

from alerting.notifying.notification import SendFailed
from alerting.notifying.templates import engine
from alerting.notifying.texts import Texts, listed, truncated, truncated_bytes


@pytest.fixture
def texts() -> Texts:
    return Texts(engine(lambda: NOW_NS), notification())


@settings(deadline=None, max_examples=50)
@given(st.text(), st.integers(4, 40))
def test_a_cut_text_fits_and_begins_as_the_whole(text: str, size: int) -> None:
    by_characters, by_bytes = truncated(text, size), truncated_bytes(text, size)
    assert len(by_characters) == min(len(text), size)
    assert text.startswith(by_characters.removesuffix("…"))
    assert len(by_bytes.encode()) <= size
    assert text.startswith(by_bytes.removesuffix("…"))
    assert (by_bytes == text) == (len(text.encode()) <= size)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("[1]", "[1]"),
        ("{{ `[1]` }}", [1]),
        ("{{ `NaN` }}", "NaN"),
        ("{{ `1e999` }}", "1e999"),
        ("{{ `2026-01-01` }}", "2026-01-01"),
        ("{{ .CommonLabels.none }}", ""),
        ({"a": [True, 1, None]}, {"a": [True, 1, None]}),
    ],
)
def test_only_what_is_json_becomes_a_value(texts: Texts, template: object, value: object) -> None:
    assert texts.deep(template) == value


def test_what_is_needed_names_itself_and_the_last_error(texts: Texts) -> None:
    texts.prose("{{ .Other }}")
    with pytest.raises(SendFailed, match=r"^to: is empty$"):
        texts.needed("to", " ")
    with pytest.raises(SendFailed, match=r"^to: template: .*None"):
        texts.needed("to", "{{ .None }}")


def test_lists_leave_out_what_says_nothing() -> None:
    assert listed(" a, ,b c,") == ["a", "b c"]
