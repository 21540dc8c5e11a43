"""The identity of label sets."""

from hypothesis import given
from hypothesis import strategies as st

from alerting.labels import common, fingerprint, written

_SETS = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4)


def test_a_fingerprint_is_the_same_for_ever() -> None:
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"alertname": "a", "job": "b"}) == _by_hand(
        b"alertname\xffa\xffjob\xffb\xff"
    )


def _by_hand(data: bytes) -> str:
    """FNV-1a of 64 bits, as its authors write it."""
    value = 14695981039346656037
    for byte in data:
        value = (value ^ byte) * 1099511628211 % 2**64
    return format(value, "016x")


@given(_SETS)
def test_the_order_does_not_matter(labels: dict[str, str]) -> None:
    assert fingerprint(dict(reversed(labels.items()))) == fingerprint(labels)


def test_names_and_values_do_not_run_together() -> None:
    assert fingerprint({"ab": "c"}) != fingerprint({"a": "bc"})


def test_written_sorted_and_quoted() -> None:
    assert written({"b": 'x"y', "a": "1"}) == '{a="1", b="x\\"y"}'


@given(st.lists(_SETS, max_size=3))
def test_common_is_what_all_hold(sets: list[dict[str, str]]) -> None:
    pairs = [set(labels.items()) for labels in sets]
    assert common(sets) == dict(set.intersection(*pairs) if pairs else ())
