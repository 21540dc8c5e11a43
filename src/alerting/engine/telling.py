"""Carries out one decision of routing, and writes down what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from alerting.engine.configured import Configured
from alerting.engine.notification_lines import delivery_line, suppressed_line
from alerting.notifying.delivery import Delivery, deliver, timeout_s
from alerting.notifying.notification import notification_of
from alerting.notifying.turns import Turns
from alerting.routing.deciding import Decision
from alerting.routing.reasons import Reason
from alerting.state.database import Database
from alerting.state.deliveries import Deliveries
from alerting.state.notification_log import NOTHING, DurableLog, Remembered
from alerting.state.outbox import Line
from goldeneye.clock import Clock
from goldeneye.errors import StorageUnavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Teller:
    """With the configuration of the moment of the decision."""

    database: Database
    configured: Configured
    # Of the integrations, by their names.
    turns: Mapping[str, Turns]
    log: DurableLog
    deliveries: Deliveries
    clock: Clock
    external_url: str

    async def tell(self, decision: Decision) -> bool:
        """Whether the integration knows now what it is to know."""
        if not decision.sends:
            muted = decision.batch.reason is Reason.ALL_MUTED
            lines = [suppressed_line(decision)] if muted else []
            return self._record(decision, lines, self.clock.now_ns())
        delivery = await self._deliver(decision)
        line = delivery_line(decision, delivery)
        if delivery.delivered:
            return self._record(decision, [line], delivery.ended_ns, delivery.remembered)
        log.warning(
            "a notification failed",
            integration=decision.integration.name,
            attempts=delivery.attempts,
            reason=delivery.error,
        )
        self._keep([line])
        return False

    async def _deliver(self, decision: Decision) -> Delivery:
        name = decision.integration.name
        remembered = self.log.remembered(decision.batch.group_key, name)
        notification = notification_of(decision, self.external_url, remembered)
        deadline_s = self.clock.monotonic_s() + timeout_s(decision.batch.options)
        sender, turns = self.configured.senders[name], self.turns[name]
        return await deliver(sender, notification, self.clock, deadline_s, turns)

    def _record(
        self,
        decision: Decision,
        lines: Sequence[Line],
        delivered_ns: int,
        remembered: Remembered = NOTHING,
    ) -> bool:
        entry = decision.entry_at(delivered_ns)
        try:
            with self.database.transaction():
                if entry is not None:
                    self.log.record(entry, remembered)
                self.deliveries.add(lines)
        except StorageUnavailable as error:
            reason = str(error)
            log.error("a notification may be repeated after a restart", reason=reason)
            # It was told, and is not to be told at each turn for as long as the disk is full.
            if entry is not None:
                self.log.know(entry, remembered)
        return True

    def _keep(self, lines: Sequence[Line]) -> None:
        try:
            self.deliveries.add(lines)
        except StorageUnavailable as error:
            log.error("a failed notification cannot be recorded", reason=str(error))
