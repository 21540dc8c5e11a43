"""Tells the operator when requests begin to be refused for want of storage, and when that ends."""

from typing import Final

import structlog

from goldeneye.clock import Clock

log = structlog.get_logger(__name__)
# A disk that is just about full changes its mind with every flush.
_AGAIN_AFTER_S: Final = 30.0


class Refusals:
    """Logs changes, not requests."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_refusing = False
        self._refused = 0
        self._told_s = -_AGAIN_AFTER_S

    def commit_failed(self, reason: str, requests: int) -> None:
        self._refused += requests
        if self._clock.monotonic_s() - self._told_s < _AGAIN_AFTER_S:
            return
        self._is_refusing = True
        self._told_s = self._clock.monotonic_s()
        log.error("telemetry is refused; senders are told to retry", reason=reason)

    def commit_succeeded(self) -> None:
        if self._is_refusing:
            log.info("telemetry is accepted again", refused_requests=self._refused)
            self._is_refusing = False
            self._refused = 0
