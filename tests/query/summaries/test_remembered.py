"""What is remembered, and what is forgotten first."""

from query.summaries.remembered import Remembered


def test_the_least_recently_used_is_forgotten() -> None:
    remembered: Remembered[str] = Remembered(6, len)
    remembered.put("a", "aa")
    remembered.put("b", "bbb")
    assert remembered.get("a") == "aa"
    remembered.put("c", "cc")
    assert [remembered.get(key) for key in "abc"] == ["aa", None, "cc"]


def test_the_first_value_of_a_key_stays() -> None:
    remembered: Remembered[str] = Remembered(4, len)
    remembered.put("a", "1234")
    remembered.put("a", "5678")
    assert remembered.get("a") == "1234"


def test_what_is_larger_than_all_is_not_kept() -> None:
    remembered: Remembered[str] = Remembered(2, len)
    remembered.put("a", "123")
    assert remembered.get("a") is None
    remembered.put("b", "12")
    assert remembered.get("b") == "12"


def test_what_is_forgotten_gives_its_room_back() -> None:
    remembered: Remembered[str] = Remembered(4, len)
    for key in ("a", "b"):
        remembered.put(key, "12")
    assert remembered.others({"b", "c"}) == {"a"}
    remembered.forget({"a", "c"})
    assert remembered.get("a") is None
    remembered.put("d", "12")
    assert (remembered.get("b"), remembered.get("d")) == ("12", "12")
