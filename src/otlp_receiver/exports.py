"""One export, whatever carried it: stored, counted, answered."""

import time
from typing import Final

import structlog

from goldeneye.decoded import BodyResult
from goldeneye.errors import GoldeneyeError, InvalidRequest
from goldeneye.schemas import DEFAULT_TENANT, SIGNALS, Encoding, Signal
from goldeneye.telemetry import (
    ITEMS_ACCEPTED,
    ITEMS_REFUSED,
    ITEMS_REJECTED,
    REQUEST_SECONDS,
    REQUESTS,
    WARNINGS,
)
from goldeneye.tokens import OPEN, Tokens
from otlp_receiver import responses, status
from otlp_receiver.admission import Budget
from otlp_receiver.pipeline import Pipeline
from otlp_receiver.rejections import RejectionSamples
from otlp_receiver.status import Failure

log = structlog.get_logger(__name__)
_NOW: Final = time.perf_counter


class Exports:
    """Hands bodies to the pipeline for one transport, and keeps its metrics.

    `in_flight` bounds the items of both transports together.
    """

    def __init__(
        self, pipeline: Pipeline, transport: str, in_flight: Budget, tokens: Tokens = OPEN
    ) -> None:
        self._pipeline = pipeline
        self._in_flight = in_flight
        self._transport = transport
        self._tokens = tokens
        self._rejections = RejectionSamples(transport)
        # Looked up once: it is dearer than the counting.
        self._accepted = {one: ITEMS_ACCEPTED.labels(one, transport) for one in SIGNALS}
        self._complete = {one: REQUESTS.labels(one, transport, "ok") for one in SIGNALS}
        self._seconds = {one: REQUEST_SECONDS.labels(one, transport) for one in SIGNALS}

    @property
    def needs_token(self) -> bool:
        return self._tokens.are_required

    def authorize(self, authorization: str | None) -> None:
        """Pass who may send; Unauthenticated or PermissionDenied for others."""
        self._tokens.check(authorization, "ingest")

    async def store(self, signal: Signal, encoding: Encoding, body: bytes, peer: str = "") -> bytes:
        """The body of the Export response. Raises GoldeneyeError."""
        result = await self.stored(signal, encoding, body, peer)
        return responses.success(signal, encoding, result)

    async def stored(
        self, signal: Signal, encoding: Encoding, body: bytes, peer: str = ""
    ) -> BodyResult:
        """What became of the body; raises as `store`."""
        items = await self._pipeline.items(signal, encoding, body)
        try:
            held = await self._in_flight.hold(items, peer)
            try:
                result = await self._pipeline.submit(DEFAULT_TENANT, signal, encoding, body, items)
            finally:
                self._in_flight.release(held, peer)
            if result.error is not None:
                raise InvalidRequest(result.error)
        except GoldeneyeError as error:
            reason = status.failure(error).outcome
            ITEMS_REFUSED.labels(signal, self._transport, reason).inc(items)
            raise
        self._count(signal, result)
        return result

    def _count(self, signal: Signal, result: BodyResult) -> None:
        self._accepted[signal].inc(result.accepted)
        if not result.rejected and not result.warnings:
            self._complete[signal].inc()
            return
        transport = self._transport
        self._rejections.note(signal, result)
        for reason, count in result.rejected.items():
            ITEMS_REJECTED.labels(signal, transport, reason).inc(count)
        for warning, count in result.warnings.items():
            WARNINGS.labels(signal, transport, warning).inc(count)
        REQUESTS.labels(signal, transport, "partial" if result.rejected else "ok").inc()

    def failed(self, signal: Signal, error: Exception) -> Failure:
        """What the client is told of an error."""
        found = status.failure(error)
        if not isinstance(error, GoldeneyeError):
            log.error("a request failed", signal=signal, exc_info=error)
        REQUESTS.labels(signal, self._transport, found.outcome).inc()
        return found

    def refused(self, signal: str, outcome: str) -> None:
        """Count a request that was answered unread; its signal may not be known."""
        REQUESTS.labels(signal, self._transport, outcome).inc()

    def timed(self, signal: Signal, started_s: float) -> None:
        """Observe a request that began at `started_s` of `now_s`."""
        self._seconds[signal].observe(_NOW() - started_s)

    @staticmethod
    def now_s() -> float:
        return _NOW()
