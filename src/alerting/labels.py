"""Sets of labels: their identity and how they are written, as Alertmanager does both."""

from collections.abc import Iterable, Mapping
from typing import Final

from alerting.go_strings import quote

Labels = Mapping[str, str]

ALERT_NAME: Final = "alertname"
_OFFSET: Final = 0xCBF29CE484222325
_PRIME: Final = 0x100000001B3
_MASK: Final = (1 << 64) - 1


def fingerprint(labels: Labels) -> str:
    """16 hexadecimal digits, the same in every process and the same as Alertmanager's."""
    total = _OFFSET
    for name in sorted(labels):
        for byte in b"%s\xff%s\xff" % (_bytes(name), _bytes(labels[name])):
            total = ((total ^ byte) * _PRIME) & _MASK
    return f"{total:016x}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def written(labels: Labels) -> str:
    """`{a="b", c="d"}`, sorted by name."""
    pairs = (f"{name}={quote(value)}" for name, value in sorted(labels.items()))
    return "{" + ", ".join(pairs) + "}"


def common(sets: Iterable[Labels]) -> dict[str, str]:
    """The pairs that all sets hold."""
    remaining: dict[str, str] | None = None
    for labels in sets:
        if remaining is None:
            remaining = dict(labels)
        else:
            remaining = {k: v for k, v in remaining.items() if labels.get(k) == v}
    return remaining or {}
