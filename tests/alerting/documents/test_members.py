"""Merged keys of mappings."""

import pytest
import yaml

from alerting.documents.members import CannotMerge, Merges


def _members(text: str) -> dict[str | None, str]:
    node = yaml.compose(text, yaml.SafeLoader)
    return {one.key: str(one.node.value) for one in Merges().members(node)}  # type: ignore[arg-type]


def test_own_keys_stand_before_merged_ones_and_the_first_of_these_before_later_ones() -> None:
    merged = "[{a: 1, b: 1, c: 1}, {b: 2, d: 2}]"
    assert _members(f"{{a: 0, <<: {merged}}}") == {"a": "0", "b": "1", "c": "1", "d": "2"}
    assert _members("{<<: {a: 1, <<: {a: 2, b: 2}}}") == {"a": "1", "b": "2"}


@pytest.mark.parametrize("text", ["{<<: x}", "{<<: [x]}", "{<<: [[{a: 1}, x]]}"])
def test_only_mappings_can_be_merged(text: str) -> None:
    with pytest.raises(CannotMerge, match="only mappings"):
        _members(text)


def test_keys_that_are_there_again_or_are_no_text_are_told() -> None:
    node = yaml.compose("{a: 1, a: 2, [x]: 3}", yaml.SafeLoader)
    found = Merges().members(node)  # type: ignore[arg-type]
    assert [(one.key, one.again) for one in found] == [("a", False), ("a", True), (None, False)]
