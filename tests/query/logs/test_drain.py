"""Drain's groups of lines."""

from hypothesis import given
from hypothesis import strategies as st

from query.logs.drain import ANY, Drain


def templates(lines: list[str]) -> dict[str, list[int]]:
    drain = Drain()
    for number, line in enumerate(lines):
        drain.add(line, number)
    return {template.text: template.lines for template in drain.templates}


def test_lines_that_differ_in_few_words_share_a_template() -> None:
    lines = ["user ada logged in", "user bob logged in", "user ada went away today"]
    assert templates(lines) == {
        # The second word leads to different groups.
        "user ada logged in": [0],
        "user bob logged in": [1],
        "user ada went away today": [2],
    }
    lines = ["login of user ada", "login of user bob", "login of somebody else today"]
    assert templates(lines) == {f"login of user {ANY}": [0, 1], "login of somebody else today": [2]}


def test_words_with_digits_lead_to_one_group() -> None:
    lines = ["job-1 done well", "job-2 done well"]
    assert templates(lines) == {f"{ANY} done well": [0, 1]}


def test_free_text_does_not_grow_the_tree_without_end() -> None:
    drain = Drain()
    # Two letters each, so without digits.
    words = [f"{a}{b}" for a in "abcdefghijklmnopqrst" for b in "abcdefghijklmnopqrst"]
    for number, word in enumerate(words):
        drain.add(f"{word} is one of many words", number)
    assert len(drain.templates) == 101
    assert drain.templates[-1].text == f"{ANY} is one of many words"


def test_the_nearer_template_takes_a_line() -> None:
    lines = ["a b c d e f", "a b x y z w", "a b c d e w"]
    assert templates(lines) == {f"a b c d e {ANY}": [0, 2], "a b x y z w": [1]}


@given(st.lists(st.text("ab 1", max_size=12), max_size=30))
def test_each_line_is_in_one_template_that_it_matches(lines: list[str]) -> None:
    found = Drain()
    for number, line in enumerate(lines):
        found.add(line, number)
    assert sorted(n for one in found.templates for n in one.lines) == list(range(len(lines)))
    for template in found.templates:
        for number in template.lines:
            words = lines[number].split()
            assert len(words) == len(template.words)
            assert all(own in (ANY, word) for own, word in zip(template.words, words, strict=True))
