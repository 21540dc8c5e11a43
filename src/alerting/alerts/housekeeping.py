"""What is said of alerts is forgotten once it no longer counts."""

from typing import Final

import structlog

from alerting.alerts.acknowledging import over
from alerting.alerts.current import current, picture
from alerting.engine.engine import Engine
from goldeneye.errors import StorageUnavailable

log = structlog.get_logger(__name__)
_EVERY_NS: Final = 60 * 1_000_000_000


class Housekeeping:
    """Lives in the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tidied_ns = 0

    def run(self) -> None:
        """At most once a minute."""
        now_ns = self._engine.clock.now_ns()
        if abs(now_ns - self._tidied_ns) < _EVERY_NS:
            return
        self._tidied_ns = now_ns
        try:
            self._tidy(now_ns)
        except StorageUnavailable as error:
            log.warning("what is over cannot be forgotten yet", reason=str(error))

    def _tidy(self, now_ns: int) -> None:
        self._engine.alert_events.forget(now_ns)
        seen = picture(self._engine)
        said = seen.acknowledgements
        if said:
            self._engine.acknowledgements.forget(over(said, current(seen, said)))
