"""Attempts, their pauses and their end."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.http_receiver import Reply, http_receiver, in_turn
from support.notifying import NOW_NS, notification, sender_of

from alerting.notifying.delivery import Delivery, deliver, pauses_s, timeout_s
from alerting.notifying.notification import Notification, SendFailed, Sent
from alerting.notifying.notifiers import Sender
from alerting.notifying.turns import Turns
from alerting.routing.route import Options
from goldeneye.clock import ManualClock
from goldeneye.telemetry import REGISTRY

FAILS = SendFailed("not now", retryable=True, status=503)


class Scripted:
    """Answers in turn, the last answer again and again; an attempt takes so many seconds."""

    def __init__(
        self, clock: ManualClock, *outcomes: Sent | BaseException, takes_s: float = 0.0
    ) -> None:
        self.clock, self.left, self.takes_s = clock, list(outcomes), takes_s

    async def send(self, notification: Notification) -> Sent:
        self.clock.advance(self.takes_s)
        outcome = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def _run(
    *outcomes: Sent | BaseException,
    deadline_s: float = 300.0,
    random: Callable[[], float] = lambda: 0.5,
    **more: float,
) -> tuple[Delivery, list[float]]:
    """What came of it, and the pauses."""
    clock, pauses = ManualClock(NOW_NS), list[float]()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(seconds)

    integration = sender_of("webhook", {"url": "http://127.0.0.1:1"}).integration
    sender = Sender(integration, Scripted(clock, *outcomes, **more))
    return asyncio.run(
        deliver(sender, notification(), clock, deadline_s, Turns(), sleep, random)
    ), pauses


def test_taken_at_once() -> None:
    sent = Sent(200, "fine", ("template: x",), {"ts": "1"})
    delivery, pauses = _run(sent)
    assert delivery == Delivery(
        True, 1, 200, "", NOW_NS, NOW_NS, "fine", ("template: x",), {"ts": "1"}
    )
    assert pauses == []


def test_pauses_grow_until_it_is_taken() -> None:
    delivery, pauses = _run(FAILS, FAILS, FAILS, Sent(200))
    assert (delivery.delivered, delivery.attempts, delivery.error) == (True, 4, "")
    assert pauses == [0.5, 0.75, 1.125]
    assert delivery.ended_ns - delivery.started_ns == 2_375_000_000


def test_who_asks_to_be_left_alone_is() -> None:
    busy = SendFailed("busy", retryable=True, status=429, retry_after_s=30.0)
    delivery, pauses = _run(busy, FAILS, Sent(200))
    assert (delivery.delivered, pauses) == (True, [30.0, 0.75])
    assert _run(busy, deadline_s=20.0)[0].attempts == 1


def test_a_refusal_for_good_ends_it() -> None:
    delivery, _ = _run(FAILS, SendFailed("never", retryable=False, status=400))
    assert (delivery.delivered, delivery.attempts) == (False, 2)
    assert (delivery.status, delivery.error) == (400, "never")


def test_at_the_deadline_the_last_failure_is_told() -> None:
    delivery, pauses = _run(FAILS, deadline_s=300.0)
    assert (delivery.delivered, delivery.status, delivery.error) == (False, 503, "not now")
    assert sum(pauses) < 300
    assert delivery.attempts == len(pauses) + 1 == 15


def test_slow_attempts_count() -> None:
    delivery, pauses = _run(FAILS, deadline_s=10.0, takes_s=4.0)
    assert (delivery.attempts, pauses) == (3, [0.5, 0.75])


@settings(deadline=None, max_examples=20)
@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=30, max_size=30))
def test_pauses_are_spread_by_half_and_never_longer_than_a_minute_and_a_half(
    chances: list[float],
) -> None:
    left = iter(chances)
    for number, pause_s in zip(range(30), pauses_s(lambda: next(left)), strict=False):
        middle_s = min(0.5 * 1.5**number, 60.0)
        assert middle_s * 0.5 <= pause_s <= middle_s * 1.5


def test_who_hangs_is_left_at_the_deadline() -> None:
    class Hanging:
        async def send(self, notification: Notification) -> Sent:
            await asyncio.Event().wait()
            raise AssertionError

    clock = ManualClock(NOW_NS)
    integration = sender_of("webhook", {"url": "http://127.0.0.1:1"}).integration
    delivery = asyncio.run(
        deliver(Sender(integration, Hanging()), notification(), clock, 0.02, Turns())
    )
    assert (delivery.delivered, delivery.error) == (False, "no answer before the deadline")


def test_who_hangs_keeps_so_many_and_no_more_waiting_for_an_answer() -> None:
    class Slow:
        def __init__(self) -> None:
            self.begun, self.go_on = 0, asyncio.Event()

        async def send(self, notification: Notification) -> Sent:
            self.begun += 1
            await self.go_on.wait()
            return Sent(200)

    async def many() -> list[Delivery]:
        turns, slow, clock = Turns(2), Slow(), ManualClock(NOW_NS)
        sender = Sender(sender_of("webhook", {"url": "http://127.0.0.1:1"}).integration, slow)

        async def one(deadline_s: float) -> Delivery:
            return await deliver(sender, notification(), clock, deadline_s, turns)

        patient = [asyncio.create_task(one(300.0)) for _ in range(3)]
        await asyncio.sleep(0)
        hurried = await one(0.02)
        assert slow.begun == 2
        assert _counted("waiting_notifications") == 1
        slow.go_on.set()
        return [hurried, *await asyncio.gather(*patient)]

    hurried, *patient = asyncio.run(many())
    assert (hurried.delivered, hurried.error) == (False, "no turn before the deadline")
    assert all(one.delivered for one in patient)
    assert _counted("waiting_notifications") == 0


def test_an_unforeseen_error_is_a_failure_that_shows_no_secret() -> None:
    delivery, _ = _run(KeyError("hush"))
    assert (delivery.delivered, delivery.attempts) == (False, 1)
    assert delivery.error == "unexpected KeyError"


def test_cancelling_is_no_failure() -> None:
    with pytest.raises(asyncio.CancelledError):
        _run(asyncio.CancelledError())


def _counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"goldeneye_alerting_{name}", labels) or 0.0


def test_over_http_and_counted() -> None:
    names = (
        ("notifications_total", {"kind": "webhook", "outcome": "ok"}),
        ("notification_attempts_total", {"kind": "webhook", "outcome": "failed"}),
        ("notification_template_errors_total", {"kind": "webhook"}),
        ("notification_duration_seconds_count", {"kind": "webhook"}),
    )
    before = [_counted(name, **labels) for name, labels in names]
    with http_receiver(in_turn(Reply(503), Reply(503), Reply(200))) as receiver:
        clock = ManualClock(NOW_NS)
        sender = sender_of(
            "webhook", {"url": receiver.url, "payload": {"a": "{{ .None }}"}}, clock=clock
        )

        async def sleep(seconds: float) -> None:
            clock.advance(seconds)

        delivery = asyncio.run(deliver(sender, notification(), clock, 60.0, Turns(), sleep))
    assert (delivery.delivered, delivery.attempts, delivery.status) == (True, 3, 200)
    after = [_counted(name, **labels) for name, labels in names]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 2, 1, 1]


def test_how_long_it_may_take() -> None:
    options = Options("team")
    assert timeout_s(options) == 300.0
    assert timeout_s(replace(options, group_interval_ns=1_000_000_000)) == 10.0
