"""Snappy blocks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.remote_write import compressed

from goldeneye.errors import InvalidRequest, RequestTooLarge
from query.promql.remote_write.compression import uncompressed


@given(st.binary())
def test_what_was_compressed_comes_back(message: bytes) -> None:
    assert uncompressed(compressed(message), len(message)) == message


def test_too_large_is_refused_by_its_word() -> None:
    with pytest.raises(RequestTooLarge):
        uncompressed(compressed(bytes(101)), 100)


@given(st.binary(max_size=40))
def test_other_bytes_are_refused_or_are_snappy(body: bytes) -> None:
    try:
        assert uncompressed(compressed(uncompressed(body, 1000)), 1000) is not None
    except (InvalidRequest, RequestTooLarge):
        return


@pytest.mark.parametrize("body", [b"", b"\xff", b"hello", compressed(b"a" * 50)[:-1]])
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="snappy"):
        uncompressed(body, 1000)
