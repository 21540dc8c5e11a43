"""Groups alerts and tells their receivers, each group at its times, none waiting for another."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from operator import is_
from typing import Final

import structlog

from alerting.alert import Alert
from alerting.durations import HOUR_NS
from alerting.engine.configured import Configured
from alerting.engine.known_alerts import KnownAlerts
from alerting.engine.telling import Teller
from alerting.notifying.turns import Turns
from alerting.routing.configuration import Configuration
from alerting.routing.deciding import Circumstances, decide
from alerting.routing.grouping import (
    Flush,
    Group,
    GroupId,
    Groups,
    delivered,
    due,
    flush,
    insert,
    regrouped,
)
from alerting.routing.inhibition import Inhibitor
from alerting.routing.silences import Silences, forgotten
from alerting.state.database import Database
from alerting.state.deliveries import Deliveries
from alerting.state.notification_log import DurableLog
from alerting.state.posted_alerts import PostedAlerts
from alerting.state.silences import SilenceStore
from goldeneye.clock import Clock

log = structlog.get_logger(__name__)
# As with Alertmanager: how long silences are kept after their end.
_SILENCES_KEPT_NS: Final = 120 * HOUR_NS


class Dispatcher:
    """Lives in one event loop."""

    def __init__(
        self, database: Database, clock: Clock, configured: Configured, external_url: str
    ) -> None:
        """Knows what others reported before a restart. Raises StorageUnavailable."""
        self.known = KnownAlerts()
        self._clock = clock
        self._teller = Teller(
            database,
            configured,
            {name: Turns() for name in configured.senders},
            DurableLog(database),
            Deliveries(database),
            clock,
            external_url,
        )
        self._posted = PostedAlerts(database)
        self._silence_store = SilenceStore(database)
        self._silences = self._silence_store.all()
        # Changed in place: there may be as many groups as alerts.
        self._groups = dict[GroupId, Group]()
        self._in_flight = dict[GroupId, asyncio.Task[None]]()
        self._inhibitor: Inhibitor | None = None
        self._inhibitor_of: tuple[object, ...] = ()
        # Whose last report is one of others.
        self.posted = frozenset[str]()
        posted = self._posted.all()
        self.receive(posted)
        self.posted = frozenset(alert.fingerprint for alert in posted)

    @property
    def configured(self) -> Configured:
        """What is in force."""
        return self._teller.configured

    @property
    def log(self) -> DurableLog:
        return self._teller.log

    @property
    def groups(self) -> Groups:
        """As of now."""
        return dict(self._groups)

    @property
    def silences(self) -> Silences:
        return self._silences

    def change_silences(self, after: Silences) -> None:
        """Raises StorageUnavailable, and nothing is changed."""
        self._silence_store.replace(self._silences, after)
        self._silences = after

    def keep(self, alerts: Sequence[Alert]) -> None:
        """Alerts of which `receive` will be told, and that may not be reported again.

        Raises StorageUnavailable.
        """
        self._posted.keep(self.known.merged(alerts, self._clock.now_ns()))

    def receive(self, alerts: Sequence[Alert], lasting: bool = False) -> None:
        """Reports of alerts; `lasting` ones were kept before."""
        now_ns = self._clock.now_ns()
        found = self.known.receive(alerts, now_ns)
        names = {alert.fingerprint for alert in found}
        self.posted = self.posted | names if lasting else self.posted - names
        root = self.configured.configuration.route
        self._groups = insert(self._groups, root, found, now_ns)

    def reconfigure(self, configured: Configured) -> None:
        """All alerts in the groups of another configuration."""
        # What is under way by the configuration of before counts.
        turns = {name: self._teller.turns.get(name) or Turns() for name in configured.senders}
        self._teller = replace(self._teller, configured=configured, turns=turns)
        root = configured.configuration.route
        self._groups = regrouped(self._groups, root, self._clock.now_ns())

    def tick(self) -> int | None:
        """Begin what is due; when the next group is, None where there is none."""
        now_ns = self._clock.now_ns()
        for group in due(self._groups, now_ns):
            if group.id in self._in_flight:
                continue
            after, done = flush(group, now_ns)
            self._groups[group.id] = after
            task = asyncio.get_running_loop().create_task(self._notify(done, self._teller))
            self._in_flight[group.id] = task
            task.add_done_callback(partial(self._landed, group.id))
        waiting = (g.next_flush_ns for g in self._groups.values() if g.id not in self._in_flight)
        return min(waiting, default=None)

    def forget(self, now_ns: int) -> None:
        """What is long over. Raises StorageUnavailable."""
        if gone := self.known.long_over(now_ns):
            self._posted.forget(gone)
            self.known.forget(gone)
            self.posted -= gone
        self.log.forget_expired(now_ns)
        self.change_silences(forgotten(self._silences, now_ns, _SILENCES_KEPT_NS))

    async def idle(self) -> None:
        """Until all notifications that have begun are over."""
        while self._in_flight:
            await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    def cancel(self) -> None:
        """Give up what is being sent; after a restart it is sent again."""
        for task in self._in_flight.values():
            task.cancel()

    def _landed(self, group_id: GroupId, task: asyncio.Task[None]) -> None:
        del self._in_flight[group_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error(
                "a group could not be told, in a way that is not expected",
                group=group_id[1],
                exc_info=error,
            )

    async def _notify(self, done: Flush, teller: Teller) -> None:
        """With the configuration that the group is of, also where it changes meanwhile."""
        configuration = teller.configured.configuration
        receiver = configuration.receivers[done.group.route.options.receiver]
        now = self._circumstances(done, configuration)
        decisions = decide(done, receiver.integrations(), now, self.log)
        told = await asyncio.gather(*(teller.tell(one) for one in decisions))
        group = self._groups.get(done.group.id)
        if group is not None and all(told):
            left = delivered(group, done)
            if left is None:
                del self._groups[group.id]
            else:
                self._groups[group.id] = left

    def _circumstances(self, done: Flush, configuration: Configuration) -> Circumstances:
        # The groups of one moment share what inhibits.
        of = (configuration, self.known.all, done.now_ns)
        if self._inhibitor is None or not all(map(is_, of, self._inhibitor_of)):
            self._inhibitor_of = of
            known = self.known.all.values()
            self._inhibitor = Inhibitor(configuration.inhibit_rules, known, done.now_ns)
        return Circumstances(self._inhibitor, self._silences, configuration.time_intervals)
