"""What is there at the start is looked through no more; what comes later still is."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from goldeneye import interpreter


class Ring:
    """Refers to itself: only the collector frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    interval_s, thresholds = sys.getswitchinterval(), gc.get_threshold()
    yield
    sys.setswitchinterval(interval_s)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_is_there_is_kept_apart_and_later_rings_are_freed() -> None:
    interpreter.settle()
    assert gc.get_freeze_count()
    ring = weakref.ref(Ring())
    gc.collect()
    assert ring() is None


def test_rings_are_freed_without_being_asked() -> None:
    interpreter.settle()
    ring = weakref.ref(Ring())
    kept: list[list[int]] = [[] for _ in range(2 * gc.get_threshold()[0])]
    assert kept
    assert ring() is None
