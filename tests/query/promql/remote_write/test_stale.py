"""The one NaN that ends a series."""

import math
import struct

import pytest

from query.promql.remote_write.stale import STALE, is_stale


def test_only_the_marker_is_stale() -> None:
    assert is_stale(STALE)
    assert struct.pack("<d", STALE) == bytes.fromhex("020000000000f07f")


@pytest.mark.parametrize("value", [math.nan, -math.nan, math.inf, 0.0, 1.5])
def test_all_else_is_not(value: float) -> None:
    assert not is_stale(value)
