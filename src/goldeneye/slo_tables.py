"""The minutes of SLOs on their way into the storage's table, and what they are counted of."""

from collections.abc import Callable, Sequence

from alerting.slo.collecting import SloRow
from goldeneye.clock import Clock
from goldeneye.slo_queries import SloQueries, batch
from query.service import QueryService
from storage.engine import Storage


class SloTables(SloQueries):
    """See alerting.engine.slo_loop.SloData; thread-safe."""

    def __init__(self, storage: Storage, service: Callable[[], QueryService], clock: Clock) -> None:
        super().__init__(service)
        self._storage = storage
        self._clock = clock

    def write(self, rows: Sequence[SloRow]) -> None:
        """Raises StorageUnavailable."""
        self._storage.append_rows({"slo_minutes": batch(rows, self._clock.now_ns())})
