"""From bodies that wait to rows that are durable: decode in groups, commit in groups.

Two threads. While one group is made durable, the next is decoded; whatever has gathered in the
meantime goes together, so that one fdatasync answers many requests.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from goldeneye.clock import Clock
from goldeneye.decoded import BodyResult, Committer, Decoded, Decoder, Group
from goldeneye.errors import GoldeneyeError
from goldeneye.limits import MIB
from goldeneye.schemas import Encoding, Signal
from goldeneye.telemetry import DECODE_SECONDS, FRESHNESS_SECONDS
from otlp_receiver.gathering import Gathering
from otlp_receiver.handover import Handover
from otlp_receiver.refusals import Refusals

log = structlog.get_logger(__name__)
# More than this is looked through in a thread, so that the others do not wait.
_SMALL_BYTES: Final = MIB


@dataclass(slots=True, eq=False)
class _Request:
    tenant: str
    signal: Signal
    encoding: Encoding
    body: bytes
    items: int
    received_time_ns: int
    answer: "asyncio.Future[BodyResult]"


@dataclass(frozen=True)
class _DecodedGroup:
    """Requests with one answer each; `group` is what must be durable before they get it."""

    answers: list[tuple[_Request, BodyResult]]
    group: Group | None


def stop_process(error: BaseException) -> None:
    """A broken invariant: what was acknowledged is in the log, and a wrong answer would not be."""
    os.kill(os.getpid(), signal.SIGABRT)


class Pipeline:
    """`on_fatal` is called with what neither decoder nor committer should ever raise."""

    def __init__(
        self,
        decoder: Decoder,
        committer: Committer,
        clock: Clock,
        on_fatal: Callable[[BaseException], None] = stop_process,
    ) -> None:
        self._decoder = decoder
        self._committer = committer
        self._clock = clock
        self._on_fatal = on_fatal
        self._refusals = Refusals(clock)
        self._gathering: Gathering[_Request] = Gathering()
        self._decoded = Handover[_DecodedGroup]()
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for name, work in (("decode", self._decode_all), ("commit", self._commit_all))
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    async def items(self, signal: Signal, encoding: Encoding, body: bytes) -> int:
        """No fewer items than the body has."""
        if len(body) <= _SMALL_BYTES:
            return self._decoder.items(signal, encoding, body)
        return await asyncio.to_thread(self._decoder.items, signal, encoding, body)

    async def submit(
        self, tenant: str, signal: Signal, encoding: Encoding, body: bytes, items: int = 0
    ) -> BodyResult:
        """What became of the body, once its accepted items are durable and visible.

        Raises StorageUnavailable with nothing of it kept.
        """
        answer: asyncio.Future[BodyResult] = asyncio.get_running_loop().create_future()
        request = _Request(tenant, signal, encoding, body, items, self._clock.now_ns(), answer)
        self._gathering.put(request)
        try:
            return await answer
        except asyncio.CancelledError:
            self._gathering.withdraw(request)
            raise

    def stop(self, timeout_s: float) -> bool:
        """Finish what was submitted; False where it does not end in time."""
        self._gathering.close()
        deadline_s = self._clock.monotonic_s() + timeout_s
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, deadline_s - self._clock.monotonic_s()))
        return not any(thread.is_alive() for thread in self._threads)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            log.critical("the pipeline broke", exc_info=True)
            self._on_fatal(error)
            raise

    def _decode_all(self) -> None:
        while requests := self._gathering.take():
            for alike in _alike(requests):
                for part, stored in self._apart(alike):
                    size_bytes = sum(len(request.body) for request in part)
                    self._decoded.put(self._decode(part, stored), size_bytes)
            # Else they would be held while nothing comes.
            del requests, alike, part
        self._decoded.end()

    def _apart(self, requests: list[_Request]) -> Iterable[tuple[list[_Request], bool]]:
        """Those to store, and those that are stored already, which only need an answer."""
        first = requests[0]
        again = [
            self._committer.replayed(first.tenant, first.signal, first.encoding, request.body)
            for request in requests
        ]
        for stored in (False, True):
            part = [r for r, known in zip(requests, again, strict=True) if known is stored]
            if part:
                yield part, stored

    def _decode(self, requests: list[_Request], stored: bool) -> _DecodedGroup:
        first = requests[0]
        with DECODE_SECONDS.labels(first.signal).time():
            decoded = self._decoder.decode(
                first.signal,
                first.encoding,
                [request.body for request in requests],
                [request.received_time_ns for request in requests],
            )
        if not stored and first.signal == "metrics":
            decoded = self._committer.within_limits(first.tenant, decoded)
        answers = list(zip(requests, decoded.results, strict=True))
        return _DecodedGroup(answers, None if stored else _group(answers, decoded))

    def _commit_all(self) -> None:
        while groups := self._decoded.take():
            fault: GoldeneyeError | None = None
            durable = [item.group for item in groups if item.group is not None]
            try:
                if durable:
                    self._committer.commit(durable)
                    self._observe(durable)
                    self._refusals.commit_succeeded()
            except GoldeneyeError as error:
                fault = error
                self._refusals.commit_failed(str(error), sum(len(one.bodies) for one in durable))
            self._gathering.answered(sum(len(item.answers) for item in groups))
            _answer(groups, fault)
            del groups, durable

    def _observe(self, groups: list[Group]) -> None:
        now_ns = self._clock.now_ns()
        for group in groups:
            freshness = FRESHNESS_SECONDS.labels(group.signal)
            for time_ns in group.received_time_ns:
                freshness.observe(max(0, now_ns - time_ns) / 1e9)


def _alike(requests: list[_Request]) -> Iterable[list[_Request]]:
    """By tenant, signal and encoding, each in order of arrival."""
    kinds: dict[tuple[str, Signal, Encoding], list[_Request]] = {}
    for request in requests:
        kinds.setdefault((request.tenant, request.signal, request.encoding), []).append(request)
    return kinds.values()


def _group(answers: list[tuple[_Request, BodyResult]], decoded: Decoded) -> Group | None:
    kept = [request for request, result in answers if result.accepted]
    if not kept:
        return None
    return Group(
        tenant=kept[0].tenant,
        signal=kept[0].signal,
        encoding=kept[0].encoding,
        bodies=[request.body for request in kept],
        received_time_ns=[request.received_time_ns for request in kept],
        decoded=decoded,
    )


def _answer(groups: list[_DecodedGroup], fault: GoldeneyeError | None) -> None:
    """Hand all answers to their event loop in one call each."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Request, BodyResult, bool]]] = {}
    for item in groups:
        for request, result in item.answers:
            failed = fault is not None and item.group is not None and result.accepted > 0
            loop = request.answer.get_loop()
            by_loop.setdefault(loop, []).append((request, result, failed))
    for loop, answers in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, answers, fault)
        except RuntimeError:
            log.warning("an event loop ended before its answers", answers=len(answers))


def _resolve(
    answers: list[tuple[_Request, BodyResult, bool]], fault: GoldeneyeError | None
) -> None:
    for request, result, failed in answers:
        if request.answer.done():
            continue  # its client is gone
        if failed and fault is not None:
            request.answer.set_exception(fault)
        else:
            request.answer.set_result(result)
