"""Spans to send, and what span_rollups and traces must say of them: reckoned without SQL."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import ceil, log2
from typing import Any, Final, NamedTuple

from goldeneye.decoded import Group
from goldeneye.schemas import DEFAULT_TENANT, PromotedKeys
from otlp_receiver.decoding.choose import decoder

PROMOTED: Final = PromotedKeys({"shop.number": "int"}, {})
DECODER: Final = decoder(PROMOTED)
MINUTE_NS: Final = 60_000_000_000
_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUSES: Final = ("unset", "ok", "error")
Key = tuple[Any, ...]


class Span(NamedTuple):
    """As it is sent: a time of 0 is not known."""

    trace: int
    id: int
    parent: int | None = None
    trace_state: str = ""
    service: str | None = "shop"
    name: str = "GET /"
    kind: int = 2
    status: int = 0
    start_ns: int = 0
    end_ns: int = 0


class Counted(NamedTuple):
    """A row of span_rollups without its key."""

    count: int
    duration_sum_ns: int
    adjusted_count: float


class Received(NamedTuple):
    """A span, and when it was received."""

    span: Span
    received_ns: int

    @property
    def time_ns(self) -> int:
        return self.span.start_ns or self.received_ns

    @property
    def duration_ns(self) -> int | None:
        start_ns, end_ns = self.span.start_ns, self.span.end_ns
        return end_ns - start_ns if start_ns and end_ns >= start_ns else None


def group(spans: Iterable[Span], received_ns: int, tenant: str = DEFAULT_TENANT) -> Group:
    """One body of these spans, decoded."""
    body = json.dumps({"resourceSpans": [_resource_spans(span) for span in spans]}).encode()
    decoded = DECODER.decode("traces", "json", [body], [received_ns])
    assert not decoded.results[0].error
    return Group(tenant, "traces", "json", [body], [received_ns], decoded)


def _resource_spans(span: Span) -> dict[str, Any]:
    made = {
        "traceId": f"{span.trace:032x}",
        "spanId": f"{span.id:016x}",
        "parentSpanId": "" if span.parent is None else f"{span.parent:016x}",
        "traceState": span.trace_state,
        "name": span.name,
        "kind": span.kind,
        "status": {"code": span.status},
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": str(span.end_ns),
    }
    name = {"key": "service.name", "value": {"stringValue": span.service}}
    resource = {"attributes": [] if span.service is None else [name]}
    return {"resource": resource, "scopeSpans": [{"spans": [made]}]}


def span_rollups(spans: Iterable[Received]) -> dict[Key, Counted]:
    """By minute, service, name, kind, status, whether it is a root, and bucket."""
    found: dict[Key, list[Received]] = defaultdict(list)
    for one in spans:
        span = one.span
        minute_ns = one.time_ns // MINUTE_NS * MINUTE_NS
        words = (span.service, span.name, _word(_KINDS, span.kind), _word(_STATUSES, span.status))
        found[minute_ns, *words, span.parent is None, bucket(one.duration_ns)].append(one)
    return {
        key: Counted(
            len(counted),
            sum(one.duration_ns or 0 for one in counted),
            sum(adjusted(one.span.trace_state) for one in counted),
        )
        for key, counted in found.items()
    }


def bucket(duration_ns: int | None) -> int | None:
    if duration_ns is None:
        return None
    return ceil(log2(duration_ns) * 32) - 1 if duration_ns > 1 else -1


def adjusted(trace_state: str) -> float:
    """For how many spans a span of this trace state stands."""
    for member in trace_state.split(","):
        vendor, _, fields = member.strip(" \t").partition("=")
        for field in fields.split(";"):
            name, _, threshold = field.partition(":")
            if vendor == "ot" and name == "th" and re.fullmatch("[0-9a-f]{1,14}", threshold):
                return 2**56 / (2**56 - int(threshold.ljust(14, "0"), 16))
    return 1.0


def traces(spans: Iterable[Received]) -> dict[str, list[Any]]:
    """The columns of `traces` after trace_id, times as nanoseconds."""
    found: dict[int, list[Received]] = defaultdict(list)
    for one in spans:
        found[one.span.trace].append(one)
    return {f"{trace:032x}": _trace(own) for trace, own in found.items()}


def _trace(spans: Sequence[Received]) -> list[Any]:
    start_ns = min(one.time_ns for one in spans)
    end_ns = max(one.span.end_ns for one in spans) or None
    roots = [one for one in spans if one.span.parent is None]
    root = min(roots, key=_first, default=None)
    return [
        start_ns,
        end_ns,
        end_ns - start_ns if end_ns is not None and end_ns >= start_ns else None,
        root and root.span.service,
        root and root.span.name,
        len(spans),
        sum(one.span.status == 2 for one in spans),
        sorted({one.span.service for one in spans if one.span.service is not None}),
    ]


def _first(root: Received) -> Key:
    """Names that are not known come last."""
    span = root.span
    return root.time_ns, span.id, span.service is None, span.service or "", span.name


def _word(words: Sequence[str], number: int) -> str:
    return words[number] if number < len(words) else str(number)
