"""What notification templates are told, by Alertmanager's names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from alerting.alert import Alert, Status, overall_status
from alerting.labels import ALERT_NAME, Labels, common
from alerting.templates.times import Time
from alerting.templates.values import Function, Record

_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


@dataclass(frozen=True)
class Pair(Record):
    """A name and its value."""

    name: str
    value: str
    FIELDS: ClassVar = {"Name": "name", "Value": "value"}


class Pairs(tuple[Pair, ...], Record):
    """In order."""

    METHODS: ClassVar = {"Names": "names", "Values": "values", "String": "string"}

    @property
    def names(self) -> Function:
        return Function(lambda: [pair.name for pair in self])

    @property
    def values(self) -> Function:
        return Function(lambda: [pair.value for pair in self])

    @property
    def string(self) -> Function:
        return Function(self.__str__)

    def __str__(self) -> str:
        return ", ".join(f"{pair.name}={pair.value}" for pair in self)


class KV(Mapping[str, str], Record):
    """Labels or annotations; what is not there is an empty text."""

    METHODS: ClassVar = {
        "SortedPairs": "sorted_pairs",
        "Remove": "remove",
        "Names": "names",
        "Values": "texts",
        "String": "string",
    }
    all_text = True

    def __init__(self, pairs: Labels) -> None:
        self._pairs = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._pairs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def _sorted(self) -> Pairs:
        """By name, the alert's name first."""
        ordered = sorted(self._pairs.items(), key=lambda p: (p[0] != ALERT_NAME, p[0]))
        return Pairs(Pair(name, value) for name, value in ordered)

    @property
    def sorted_pairs(self) -> Function:
        return Function(self._sorted)

    @property
    def remove(self) -> Function:
        return Function(
            lambda names: KV({k: v for k, v in self._pairs.items() if k not in names}), (list,)
        )

    @property
    def names(self) -> Function:
        return Function(lambda: [pair.name for pair in self._sorted()])

    @property
    def texts(self) -> Function:
        return Function(lambda: [pair.value for pair in self._sorted()])

    @property
    def string(self) -> Function:
        return Function(self.__str__)

    def __str__(self) -> str:
        return str(self._sorted())

    __repr__ = __str__


@dataclass(frozen=True)
class AlertData(Record):
    """One alert; an end that is not known is the zero time."""

    status: str
    labels: KV
    annotations: KV
    starts_at: Time
    ends_at: Time
    generator_url: str
    fingerprint: str
    FIELDS: ClassVar = {
        "Status": "status",
        "Labels": "labels",
        "Annotations": "annotations",
        "StartsAt": "starts_at",
        "EndsAt": "ends_at",
        "GeneratorURL": "generator_url",
        "Fingerprint": "fingerprint",
    }


class Alerts(tuple[AlertData, ...], Record):
    """In order, and in two parts."""

    METHODS: ClassVar = {"Firing": "firing", "Resolved": "resolved"}

    def of(self, status: Status) -> "Alerts":
        return Alerts(alert for alert in self if alert.status == status)

    @property
    def firing(self) -> Function:
        return Function(lambda: self.of(Status.FIRING))

    @property
    def resolved(self) -> Function:
        return Function(lambda: self.of(Status.RESOLVED))

    def __str__(self) -> str:
        return f"[{' '.join(f'{{{a.status} {a.labels}}}' for a in self)}]"


@dataclass(frozen=True)
class Data(Record):
    """Everything."""

    receiver: str
    status: str
    alerts: Alerts
    group_labels: KV
    common_labels: KV
    common_annotations: KV
    external_url: str
    notification_reason: str
    FIELDS: ClassVar = {
        "Receiver": "receiver",
        "Status": "status",
        "Alerts": "alerts",
        "GroupLabels": "group_labels",
        "CommonLabels": "common_labels",
        "CommonAnnotations": "common_annotations",
        "ExternalURL": "external_url",
        "NotificationReason": "notification_reason",
    }


def data_of(
    receiver: str,
    group_labels: Labels,
    alerts: Iterable[Alert],
    external_url: str,
    now_ns: int,
    reason: str = "",
) -> Data:
    """As Alertmanager makes it; the receiver's name is escaped as a regular expression."""
    listed = tuple(alerts)
    return Data(
        receiver=_SPECIAL.sub(r"\\\g<0>", receiver),
        status=overall_status(listed, now_ns),
        alerts=Alerts(_alert_data(alert, now_ns) for alert in listed),
        group_labels=KV(group_labels),
        common_labels=KV(common(alert.labels for alert in listed)),
        common_annotations=KV(common(alert.annotations for alert in listed)),
        external_url=external_url,
        notification_reason=reason,
    )


def _alert_data(alert: Alert, now_ns: int) -> AlertData:
    return AlertData(
        status=alert.status(now_ns),
        labels=KV(alert.labels),
        annotations=KV(alert.annotations),
        starts_at=Time(alert.starts_at_ns),
        ends_at=Time(alert.ends_at_ns or None),
        generator_url=alert.generator_url,
        fingerprint=alert.fingerprint,
    )
