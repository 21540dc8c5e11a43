"""The bounds agree with one another."""

from goldeneye import limits


def test_bounds_do_not_contradict_each_other() -> None:
    limits.check()
