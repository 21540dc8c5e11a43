"""The alert engine, joined to the storage and the questions."""

from alerting.engine.service import Alerting
from alerting.rules.group import Surroundings
from goldeneye import wiring
from goldeneye.alert_tables import AlertTables
from goldeneye.clock import Clock
from goldeneye.config import Config
from goldeneye.decoded import Decoder
from goldeneye.live_queries import LiveQuerier
from goldeneye.on_demand import OnDemand
from goldeneye.recorded_samples import RecordedSamples
from goldeneye.rule_queries import CHECKS
from goldeneye.slo_tables import SloTables
from goldeneye.snapshot import SnapshotSource
from query.service import QueryService
from storage.engine import Storage


class AlertingParts:
    """`alerting`, and the query workers that are its own, which start with its first question."""

    def __init__(
        self,
        config: Config,
        storage: Storage,
        source: SnapshotSource,
        decoder: Decoder,
        clock: Clock,
    ) -> None:
        """Raises ConfigurationError and StorageUnavailable."""
        settings = wiring.alerting_settings(config, config.api.endpoint)
        self._queries = OnDemand(
            lambda: QueryService(
                wiring.rule_query_settings(config), config.promoted(), source, clock
            )
        )
        surroundings = Surroundings(
            querier=LiveQuerier(self._queries, clock),
            write=RecordedSamples(decoder, storage, clock).write,
            external_labels=settings.external_labels,
            external_url=settings.external_url,
        )
        tables = AlertTables(storage, self._queries)
        slos = SloTables(storage, self._queries.get, clock)
        self.alerting = Alerting(settings, surroundings, CHECKS, tables, slos, clock)

    def stop(self, timeout_s: float) -> None:
        """Lets what is being evaluated end."""
        self.alerting.stop(timeout_s)
        self._queries.close()
