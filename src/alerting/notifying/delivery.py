"""A notification brought to its receiver: attempts with growing pauses, until a deadline."""

import asyncio
import random as random_module
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from alerting.notifying.notification import Notification, SendFailed, Sent
from alerting.notifying.notifiers import Sender
from alerting.notifying.turns import Turns
from alerting.routing.route import Options
from goldeneye.clock import Clock
from goldeneye.telemetry import (
    NOTIFICATION_ATTEMPTS,
    NOTIFICATION_SECONDS,
    NOTIFICATION_TEMPLATE_ERRORS,
    NOTIFICATIONS,
)

# As with Alertmanager.
_FIRST_PAUSE_S: Final = 0.5
_GROWTH: Final = 1.5
_SPREAD: Final = 0.5
_LONGEST_PAUSE_S: Final = 60.0
_SHORTEST_TIMEOUT_S: Final = 10.0

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Delivery:
    """What became of a notification; `error` is empty where it was delivered."""

    delivered: bool
    attempts: int
    status: int | None
    error: str
    started_ns: int
    ended_ns: int
    text: str = ""
    template_errors: tuple[str, ...] = ()
    remembered: Mapping[str, str] = field(default_factory=dict)


def timeout_s(options: Options) -> float:
    """How long a group's notifications may take: until its next turn, more where that is soon."""
    return max(options.group_interval_ns / 1e9, _SHORTEST_TIMEOUT_S)


def pauses_s(random: Callable[[], float]) -> Iterator[float]:
    """Between attempts: half a second, half as much again each time, each spread by half."""
    pause_s = _FIRST_PAUSE_S
    while True:
        yield pause_s * (1 - _SPREAD + 2 * _SPREAD * random())
        pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)


async def deliver(
    sender: Sender,
    notification: Notification,
    clock: Clock,
    deadline_s: float,
    turns: Turns,
    sleep: Sleep = asyncio.sleep,
    random: Callable[[], float] = random_module.random,
    max_attempts: int | None = None,
) -> Delivery:
    """Try until it is taken, refused for good, or `deadline_s` of the monotonic clock is reached.

    Pauses hold no turn.
    Raises nothing but CancelledError.
    """
    started_ns, started_s, attempts = clock.now_ns(), clock.monotonic_s(), 0
    kind = sender.integration.kind
    for next_pause_s in pauses_s(random):
        attempts += 1
        outcome = await _attempt(sender, notification, deadline_s - clock.monotonic_s(), turns)
        NOTIFICATION_ATTEMPTS.labels(kind, "ok" if isinstance(outcome, Sent) else "failed").inc()
        if isinstance(outcome, Sent) or not outcome.retryable or attempts == max_attempts:
            break
        pause_s = max(next_pause_s, outcome.retry_after_s)
        if clock.monotonic_s() + pause_s >= deadline_s:
            break
        await sleep(pause_s)
    NOTIFICATIONS.labels(kind, "ok" if isinstance(outcome, Sent) else "failed").inc()
    NOTIFICATION_SECONDS.labels(kind).observe(clock.monotonic_s() - started_s)
    return _delivery(outcome, kind, attempts, started_ns, clock.now_ns())


async def _attempt(
    sender: Sender, notification: Notification, left_s: float, turns: Turns
) -> Sent | SendFailed:
    awaited = "turn"
    try:
        async with asyncio.timeout(max(left_s, 0.001)), turns:
            awaited = "answer"
            return await sender.notifier.send(notification)
    except SendFailed as failure:
        return failure
    except TimeoutError:
        return SendFailed(f"no {awaited} before the deadline", retryable=True)
    except Exception as error:
        # One receiver's odd answer must not end the loop that serves all of them.
        return SendFailed(f"unexpected {type(error).__name__}", retryable=False)


def _delivery(
    outcome: Sent | SendFailed, kind: str, attempts: int, started_ns: int, ended_ns: int
) -> Delivery:
    if isinstance(outcome, SendFailed):
        return Delivery(False, attempts, outcome.status, outcome.text, started_ns, ended_ns)
    NOTIFICATION_TEMPLATE_ERRORS.labels(kind).inc(len(outcome.template_errors))
    return Delivery(
        True,
        attempts,
        outcome.status,
        "",
        started_ns,
        ended_ns,
        outcome.text,
        outcome.template_errors,
        outcome.remembered,
    )
