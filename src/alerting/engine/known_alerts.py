"""All alerts that were reported and are not long over."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from alerting.alert import Alert, merged
from alerting.durations import MINUTE_NS

# So long after its end an alert is still shown.
KEPT_NS: Final = 15 * MINUTE_NS


class KnownAlerts:
    """By fingerprint."""

    def __init__(self) -> None:
        self._alerts = dict[str, Alert]()

    @property
    def all(self) -> Mapping[str, Alert]:
        """As of now; never changed, only replaced."""
        return self._alerts

    def merged(self, alerts: Iterable[Alert], now_ns: int) -> list[Alert]:
        """The alerts with what is known of them; nothing is changed."""
        return [merged(self._alerts.get(one.fingerprint), one, now_ns) for one in alerts]

    def receive(self, alerts: Iterable[Alert], now_ns: int) -> list[Alert]:
        """The alerts with what was known of them."""
        found = self.merged(alerts, now_ns)
        self._alerts = {**self._alerts, **{one.fingerprint: one for one in found}}
        return found

    def long_over(self, now_ns: int) -> frozenset[str]:
        """Those that `forget` may be told of."""
        return frozenset(k for k, one in self._alerts.items() if one.resolved(now_ns - KEPT_NS))

    def forget(self, gone: Collection[str]) -> None:
        """By fingerprint."""
        self._alerts = {k: one for k, one in self._alerts.items() if k not in gone}
