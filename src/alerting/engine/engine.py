"""The alert engine: rules and notifications over one state, driven by ticks."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor

import structlog

from alerting.alert import Alert
from alerting.engine.dispatcher import Dispatcher
from alerting.engine.loading import Loaded, load_all
from alerting.engine.planned import Planned
from alerting.engine.posting import Lake, Posting
from alerting.engine.rule_loop import RuleLoop
from alerting.engine.slo_loop import SloData, SloLoop
from alerting.rules.group import Surroundings
from alerting.rules.loading import Checks
from alerting.rules.sending import RESEND_NS
from alerting.settings import AlertingSettings
from alerting.state.acknowledgements import Acknowledgements
from alerting.state.alert_events import AlertEvents
from alerting.state.database import Database
from alerting.state.deliveries import Deliveries
from alerting.state.documents import Documents, Made
from alerting.state.outbox import Outbox
from alerting.state.slo_since import SloSince
from goldeneye.clock import Clock

log = structlog.get_logger(__name__)


class Engine:
    """Lives in one event loop; all but `load`, which may take seconds, is called there."""

    def __init__(
        self,
        settings: AlertingSettings,
        surroundings: Surroundings,
        checks: Checks,
        lake: Lake,
        slo_data: SloData,
        clock: Clock,
        threads: Executor,
    ) -> None:
        """Raises ConfigurationError and StorageUnavailable."""
        self.settings = settings
        self.clock = clock
        self.checks = checks
        self.surroundings = surroundings
        self.database = Database(settings.data_dir)
        self.documents = Documents(self.database)
        self.acknowledgements = Acknowledgements(self.database)
        self.outbox = Outbox(self.database)
        self.alert_events = AlertEvents(self.database)
        self.deliveries = Deliveries(self.database)
        self._threads = threads
        self._posting = Posting(self.outbox, lake)
        self._posted: asyncio.Future[bool] | None = None
        self.loaded = load_all(settings, checks, clock, self.documents.made())
        self.dispatcher = Dispatcher(
            self.database, clock, self.loaded.configured, settings.external_url
        )
        interval_ns = settings.evaluation_interval_ns
        self.rules = RuleLoop(
            self.database,
            clock,
            threads,
            interval_ns,
            surroundings,
            self._report,
            self.dispatcher.keep,
        )
        since, evaluate = SloSince(self.database), self.rules.evaluate_slos
        self.slos = SloLoop(slo_data, clock, threads, interval_ns, evaluate, since)
        self.woken = asyncio.Event()
        self._ticked_ns = clock.now_ns()
        self._begin()

    def _begin(self) -> None:
        """Go on from what was kept."""
        with self.database.transaction():
            change = self.rules.prepared(self._plan(self.loaded))
        self.rules.replace(change)
        # They inhibit others from the first moment on, and are not told again by this.
        self.dispatcher.known.receive(self.rules.restored(), self.clock.now_ns())
        self.slos.replace(self.loaded.slos.slos)

    def load(self, made: Made | None = None) -> Loaded:
        """What the files say now, and the documents of the API, or `made` in their place.

        Raises ConfigurationError and StorageUnavailable.
        """
        made = self.documents.made() if made is None else made
        return load_all(self.settings, self.checks, self.clock, made, self.loaded)

    def take(self, loaded: Loaded) -> None:
        """Go on with what was loaded, and keep the documents that are in it.

        Raises StorageUnavailable, and all stays as it was.
        """
        with self.database.transaction():
            self.documents.replace(loaded.made)
            change = self.rules.prepared(self._plan(loaded))
        self.rules.replace(change)
        self.slos.replace(loaded.slos.slos)
        self.dispatcher.reconfigure(loaded.configured)
        self.loaded = loaded
        self.woken.set()

    def receive(self, alerts: Sequence[Alert]) -> None:
        """Alerts of others. Raises StorageUnavailable."""
        self.dispatcher.keep(alerts)
        self._report(alerts, True)

    def tick(self) -> int | None:
        """Begin what is due; when something is due next."""
        now_ns = self.clock.now_ns()
        if now_ns - self._ticked_ns > RESEND_NS:
            # Of a machine that slept, or whose clock was set ahead, no alert has ended by that.
            self._report(self.rules.lasting(now_ns), False)
        self._ticked_ns = now_ns
        times = [self.slos.tick(), self.rules.tick(), self.dispatcher.tick()]
        self._post()
        return min((at_ns for at_ns in times if at_ns is not None), default=None)

    async def idle(self) -> None:
        """Until all that has begun is over, and told to the lake."""
        await self.slos.idle()
        await self.rules.idle()
        self.dispatcher.tick()
        await self.dispatcher.idle()
        # One that is under way may have begun before the last event.
        await self._post()
        await self._post()

    def close(self) -> None:
        self.dispatcher.cancel()
        self.database.close()

    def _report(self, alerts: Sequence[Alert], lasting: bool) -> None:
        if alerts:
            self.dispatcher.receive(alerts, lasting)
            self.woken.set()

    def _plan(self, loaded: Loaded) -> list[Planned]:
        rules = [Planned(group, self.surroundings) for group in loaded.groups]
        return [*rules, *self.slos.planned(loaded.slos.slos, self.surroundings)]

    def _post(self) -> asyncio.Future[bool]:
        if self._posted is None or self._posted.done():
            loop = asyncio.get_running_loop()
            self._posted = loop.run_in_executor(self._threads, self._posting.run)
        return self._posted
