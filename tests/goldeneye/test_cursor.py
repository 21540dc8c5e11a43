"""Cursors come back as they were given out, for the same list alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldeneye.cursor import decode_cursor, encode_cursor
from goldeneye.errors import InvalidRequest

POSITIONS = st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1), st.text(), st.none()))


@given(POSITIONS)
def test_a_position_comes_back(position: list[object]) -> None:
    assert decode_cursor(encode_cursor(position, {"a": 1}), {"a": 1}) == position


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="other parameters"):
        decode_cursor(encode_cursor([1], {"service": "a"}), {"service": "b"})


@pytest.mark.parametrize("text", ["", "x", "é", "bnVsbA", "W10", "ey", "a" * 10_000])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor: is none that was given out here"):
        decode_cursor(text, {})
