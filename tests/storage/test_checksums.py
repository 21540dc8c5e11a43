"""Checksums are zlib's, whoever reckons them."""

import importlib
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.wal import checksums

PARTS = st.lists(st.binary(max_size=300))


@given(PARTS)
def test_they_are_those_of_zlib(parts: list[bytes]) -> None:
    assert checksums.crc32s(parts) == [zlib.crc32(part) for part in parts]


def test_they_are_the_same_without_the_native_core(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [b"", b"123456789", bytes(100_000)]
    expected = checksums.crc32s(parts)
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "goldeneye_native", None)
        assert importlib.reload(checksums).crc32s(parts) == expected
    importlib.reload(checksums)
