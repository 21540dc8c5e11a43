import threading
from collections.abc import Callable

import pytest

from goldeneye.limits import MIB
from otlp_receiver.handover import Handover


def _begun(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_all_that_waits_is_taken_in_order_and_then_the_end() -> None:
    handover = Handover[str]()
    for word in "abc":
        handover.put(word, 1)
    assert handover.take() == ["a", "b", "c"]
    handover.put("d", 1)
    handover.end()
    assert handover.take() == ["d"]
    assert handover.take() == []


@pytest.mark.parametrize(
    ("sizes_bytes", "next_bytes"),
    [([1, 1, 1, 1], 1), ([10 * MIB], 7 * MIB), ([64 * MIB], 1), ([1], 64 * MIB)],
    ids=["too many", "too large together", "behind a large one", "a large one"],
)
def test_who_puts_waits_where_there_is_no_room(sizes_bytes: list[int], next_bytes: int) -> None:
    handover = Handover[int]()
    for size_bytes in sizes_bytes:  # A first one never waits.
        handover.put(size_bytes, size_bytes)
    putting = _begun(lambda: handover.put(next_bytes, next_bytes))
    putting.join(0.1)
    assert putting.is_alive()
    assert handover.take() == sizes_bytes
    putting.join(30)
    assert handover.take() == [next_bytes]


def test_who_takes_waits_for_what_is_put() -> None:
    handover = Handover[str]()
    taken: list[list[str]] = []
    taking = _begun(lambda: taken.append(handover.take()))
    handover.put("a", 1)
    taking.join(30)
    assert taken == [["a"]]
    taking = _begun(lambda: taken.append(handover.take()))
    handover.end()
    taking.join(30)
    assert taken == [["a"], []]
