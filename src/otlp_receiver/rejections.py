"""Now and then what is wrong with items is logged, so that their sender can be found."""

import time
from collections.abc import Callable, Mapping
from typing import Final

import structlog

from goldeneye.decoded import BodyResult
from goldeneye.occasionally import Occasionally
from goldeneye.schemas import Signal

log = structlog.get_logger(__name__)
_WRONG_TIMES: Final = frozenset({"future_time", "ancient_time"})


class RejectionSamples:
    """Logs a request with such items, at most once a minute for each reason."""

    def __init__(self, transport: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._occasionally = Occasionally(now_s)

    def note(self, signal: Signal, result: BodyResult) -> None:
        self._note("items are rejected", signal, result.rejected, first=result.first_rejected)
        odd = {code: count for code, count in result.warnings.items() if code in _WRONG_TIMES}
        self._note("times are odd; the items are stored", signal, odd)

    def _note(
        self, event: str, signal: Signal, counts: Mapping[str, int], **more: str | None
    ) -> None:
        if [code for code in counts if self._occasionally.due((signal, code))]:
            log.warning(
                event, signal=signal, transport=self._transport, counts=dict(counts), **more
            )
