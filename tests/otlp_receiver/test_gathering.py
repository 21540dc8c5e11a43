"""What waits goes on in groups: alone at once, in company together, and all of it in the end."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from goldeneye.errors import Unavailable
from goldeneye.limits import MIB
from otlp_receiver import gathering
from otlp_receiver.gathering import Gathering

TIMEOUT_S = 20.0


@dataclass(eq=False)
class Sent:
    body: bytes = b""
    items: int = 1


class Bench:
    """A gathering, and a thread that takes from it."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self.gathering: Gathering[Sent] = Gathering()

    def put(self, *requests: Sent) -> None:
        for request in requests:
            self.gathering.put(request)

    def later(self) -> "Future[list[Sent]]":
        return self._pool.submit(self.gathering.take)

    def take(self) -> list[Sent]:
        return self.later().result(TIMEOUT_S)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ThreadPoolExecutor(1) as pool:
        found = Bench(pool)
        yield found
        found.gathering.close()


def test_what_waits_goes_together_in_order(bench: Bench) -> None:
    sent = [Sent() for _ in range(5)]
    bench.put(*sent)
    assert bench.take() == sent


def test_who_comes_alone_does_not_wait(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "_GATHER_S", 10 * TIMEOUT_S)
    for _ in range(3):
        taking, sent = bench.later(), Sent()
        bench.put(sent)
        assert taking.result(TIMEOUT_S) == [sent]
        bench.gathering.answered(1)


def test_those_who_are_all_there_wait_for_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(Sent(), Sent(), Sent())
    assert len(bench.take()) == 3
    bench.gathering.answered(3)
    monkeypatch.setattr(gathering, "_GATHER_S", 10 * TIMEOUT_S)
    taking = bench.later()
    bench.put(Sent(), Sent())
    assert not taking.done()
    bench.put(Sent())
    assert len(taking.result(TIMEOUT_S)) == 3


def test_those_who_went_away_are_waited_for_ever_less(bench: Bench) -> None:
    bench.put(*(Sent() for _ in range(9)))
    bench.gathering.answered(len(bench.take()))
    for _ in range(9):
        bench.put(Sent())
        bench.gathering.answered(len(bench.take()))
    assert bench.gathering._most_under_way == 1


def test_after_company_a_group_gathers_until_it_is_large(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_GATHER_S", 10 * TIMEOUT_S)
    bench.put(Sent(), Sent())
    assert len(bench.take()) == 2
    sent = [Sent(bytes(gathering._WORTH_A_GROUP_BYTES // 4)) for _ in range(4)]
    taking = bench.later()
    bench.put(*sent[:3])
    assert not taking.done()
    bench.put(sent[3])
    assert taking.result(TIMEOUT_S) == sent


def test_after_company_a_group_gathers_for_a_time(bench: Bench) -> None:
    bench.put(Sent(), Sent())
    bench.take()
    sent = Sent()
    bench.put(sent)
    assert bench.take() == [sent]


@pytest.mark.parametrize(
    ("sent", "groups"),
    [
        ([Sent() for _ in range(1_500)], [1_024, 476]),
        ([Sent(bytes(9 * MIB)) for _ in range(2)], [1, 1]),
        ([Sent(items=100_000) for _ in range(2)], [1, 1]),
        ([Sent(bytes(17 * MIB), 200_000)], [1]),
    ],
    ids=["bodies", "bytes", "items", "one"],
)
def test_a_group_is_bounded_but_has_one(bench: Bench, sent: list[Sent], groups: list[int]) -> None:
    bench.put(*sent)
    assert [len(bench.take()) for _ in groups] == groups


def test_who_leaves_is_not_taken(bench: Bench) -> None:
    gone, kept = Sent(b"1"), Sent(b"2")
    bench.put(gone, kept)
    bench.gathering.withdraw(gone)
    assert bench.take() == [kept]
    bench.gathering.withdraw(kept)


def test_the_end_lets_nothing_in_and_gives_out_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_MAX_GROUP_BODIES", 2)
    sent = [Sent() for _ in range(3)]
    bench.put(*sent)
    bench.gathering.close()
    with pytest.raises(Unavailable):
        bench.put(Sent())
    assert [bench.take() for _ in range(3)] == [sent[:2], sent[2:], []]


def test_the_end_wakes_who_waits(bench: Bench) -> None:
    waiting = bench.later()
    bench.gathering.close()
    assert waiting.result(TIMEOUT_S) == []
