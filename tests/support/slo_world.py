"""A server that counts SLOs, in memory: what it stores survives it."""

from support.slo_data import Data, Remembered, Table
from support.slo_documents import NATIVE, only

from alerting.durations import MINUTE_NS
from alerting.slo.collecting import Collector, Tick
from alerting.slo.late import Late
from alerting.slo.model import Slo

DAY = 1_440
NOW = 29_000_000
SHORT: Slo = only(NATIVE, ("window: 30d", "window: 3d"))


class World:
    """It begins with no data before NOW."""

    def __init__(self, *slos: Slo) -> None:
        self.data, self.table, self.since = Data(oldest=NOW), Table(), Remembered()
        self.slos = slos or (SHORT,)
        self.restart()

    def restart(self) -> None:
        self.collector = Collector(self.slos, self.data, self.table, Late(self.data, self.since))

    def tick(self, minute: int, second: int = 0) -> Tick:
        tick = self.collector.tick(minute * MINUTE_NS + second * MINUTE_NS // 60)
        self.table.append(tick)
        self.collector.written(tick)
        return tick

    def fill(self, minute: int) -> None:
        """Until nothing of the past is left."""
        while len(self.tick(minute).rows):
            pass

    @property
    def events(self) -> dict[int, tuple[float, float]]:
        return self.table.events("checkout")
