"""How many parts a request has: what takes two bytes to send takes a hundred to hold."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from goldeneye.limits import MAX_BODY_PARTS
from goldeneye.schemas import Signal
from otlp_receiver.decoding.values import BodyRefused


def check(signal: Signal, request: Any) -> None:
    """Raise BodyRefused where there are more than anybody sends."""
    envelopes, scopes, items, below = _NAMES[signal]
    parts = 0
    for envelope in getattr(request, envelopes):
        parts += len(envelope.resource.entity_refs) + len(getattr(envelope, scopes))
        for scoped in getattr(envelope, scopes):
            found = getattr(scoped, items)
            parts += len(found)
            # Where there are too many already, those below need no look.
            parts += sum(map(below, found)) if parts <= MAX_BODY_PARTS else 0
    if parts > MAX_BODY_PARTS:
        raise BodyRefused(
            f"more than {MAX_BODY_PARTS} items, scopes, events and entity references in one "
            "request; send smaller batches"
        )


def _points(metric: Any) -> int:
    kind = metric.WhichOneof("data")
    return len(getattr(metric, kind).data_points) if kind else 0


_NAMES: Final[Mapping[Signal, tuple[str, str, str, Callable[[Any], int]]]] = {
    "traces": ("resource_spans", "scope_spans", "spans", lambda span: len(span.events)),
    "metrics": ("resource_metrics", "scope_metrics", "metrics", _points),
    "logs": ("resource_logs", "scope_logs", "log_records", lambda record: 0),
}
