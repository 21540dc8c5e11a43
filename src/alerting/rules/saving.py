"""Alerts as plain values, to be kept and read back after a restart."""

from collections.abc import Mapping
from typing import Any

from alerting.rules.instance import Gap, Instance, State


def plain(instance: Instance) -> dict[str, Any]:
    """Texts, numbers and mappings of texts, such as JSON holds; `value` is a text."""
    return {
        "labels": dict(instance.labels),
        "source": dict(instance.source),
        "annotations": dict(instance.annotations),
        "state": str(instance.state),
        "gap": str(instance.gap) if instance.gap else None,
        # JSON has no NaN and no infinities.
        "value": repr(instance.value),
        "active_at_ns": instance.active_at_ns,
        "fired_at_ns": instance.fired_at_ns,
        "resolved_at_ns": instance.resolved_at_ns,
        "keep_firing_since_ns": instance.keep_firing_since_ns,
        "sent_at_ns": instance.sent_at_ns,
        "settles_at_ns": instance.settles_at_ns,
    }


def instance(saved: Mapping[str, Any]) -> Instance:
    """What was saved. Raises KeyError and ValueError where it is no alert."""
    gap = saved["gap"]
    return Instance(
        labels=saved["labels"],
        source=saved["source"],
        annotations=saved["annotations"],
        state=State(saved["state"]),
        gap=None if gap is None else Gap(gap),
        value=float(saved["value"]),
        active_at_ns=saved["active_at_ns"],
        fired_at_ns=saved["fired_at_ns"],
        resolved_at_ns=saved["resolved_at_ns"],
        keep_firing_since_ns=saved["keep_firing_since_ns"],
        sent_at_ns=saved["sent_at_ns"],
        settles_at_ns=saved["settles_at_ns"],
    )
