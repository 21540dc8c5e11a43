"""Saying the same thing once a minute."""

from goldeneye.occasionally import Occasionally


def test_each_key_is_due_once_a_minute() -> None:
    now_s = 5.0
    occasionally = Occasionally(lambda: now_s)
    assert occasionally.due("a")
    assert not occasionally.due("a")
    assert occasionally.due("b")
    now_s = 64.9
    assert not occasionally.due("a")
    now_s = 65.0
    assert occasionally.due("a")
    assert not occasionally.due("a")
