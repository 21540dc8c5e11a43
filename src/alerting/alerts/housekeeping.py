"""Alerts that are long over, and what was said of them, are forgotten."""

from typing import Final

from alerting.alerts.acknowledging import over
from alerting.alerts.current import current, picture
from alerting.durations import MINUTE_NS
from alerting.engine.engine import Engine

_EVERY_NS: Final = MINUTE_NS


class Housekeeping:
    """Lives in the engine's loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tidied_ns = 0

    def run(self) -> None:
        """At most once a minute. Raises StorageUnavailable."""
        now_ns = self._engine.clock.now_ns()
        if abs(now_ns - self._tidied_ns) < _EVERY_NS:
            return
        self._tidied_ns = now_ns
        self._engine.dispatcher.forget(now_ns)
        self._engine.alert_events.forget(now_ns)
        seen = picture(self._engine)
        said = seen.acknowledgements
        if said:
            self._engine.acknowledgements.forget(over(said, current(seen, said)))
