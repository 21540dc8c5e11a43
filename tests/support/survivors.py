"""What of a request must be kept, by the rules of docs/decoding.md: one request for each item.

Written over the messages, and knowing nothing of columns: the oracle of `rebuild`.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from support.otlp_values import REQUESTS

from goldeneye.schemas import Signal

_DAY_NS: Final = 86_400_000_000_000
_MAX_TIME: Final = 2**63 - 1


def of(signal: Signal, requests: Mapping[int, Any]) -> list[Any]:
    """The items that are accepted, each in an envelope of its own, in the order sent.

    The requests are one group, by the times of their receipt.
    """
    first: dict[tuple[Any, ...], Any] = {}
    found: list[Any] = []
    for received_time_ns, request in requests.items():
        if signal == "traces":
            found += [one for one, span in _each(signal, request, "spans") if _keep_span(span)]
        elif signal == "logs":
            found += _records(request, received_time_ns)
        else:
            found += _points(request, received_time_ns, first)
    return found


def _records(request: Any, received_time_ns: int) -> Iterator[Any]:
    for one, record in _each("logs", request, "log_records"):
        _tidy_record(record, received_time_ns)
        yield one


def _each(signal: Signal, request: Any, items: str) -> Iterator[tuple[Any, Any]]:
    kind = "spans" if signal == "traces" else signal
    for envelope in getattr(request, f"resource_{kind}"):
        for scoped in getattr(envelope, f"scope_{kind}"):
            for item in getattr(scoped, items):
                one = REQUESTS[signal]()
                outer = getattr(one, f"resource_{kind}").add(schema_url=envelope.schema_url)
                outer.resource.CopyFrom(envelope.resource)
                _sort(outer.resource.attributes)
                inner = getattr(outer, f"scope_{kind}").add(schema_url=scoped.schema_url)
                inner.scope.CopyFrom(scoped.scope)
                _tidy_attributes(inner.scope.attributes)
                copy = getattr(inner, items).add()
                copy.CopyFrom(item)
                yield one, copy


def _keep_span(span: Any) -> bool:
    _sort(span.attributes)
    span.status.SetInParent()
    for event in span.events:
        _tidy_attributes(event.attributes)
    _retain(span.links, lambda link: _is_id(link.trace_id, 16) and _is_id(link.span_id, 8))
    for link in span.links:
        _tidy_attributes(link.attributes)
    if not any(span.parent_span_id):
        span.parent_span_id = b""
    return (
        _is_id(span.trace_id, 16) and _is_id(span.span_id, 8) and len(span.parent_span_id) in (0, 8)
    )


def _tidy_record(record: Any, received_time_ns: int) -> None:
    _sort(record.attributes)
    _clear_wrong_ids(record)
    observed = record.observed_time_unix_nano
    if record.time_unix_nano == 0:
        record.time_unix_nano = observed if 0 < observed <= _MAX_TIME else received_time_ns
    if record.HasField("body"):
        _tidy_value(record.body)


def _points(
    request: Any, received_time_ns: int, first: dict[tuple[Any, ...], Any]
) -> Iterator[Any]:
    """Of the points of a series and day, the first one's envelope stands for all."""
    for one, metric in _each("metrics", request, "metrics"):
        kind = metric.WhichOneof("data")
        for point in getattr(metric, kind).data_points if kind else ():
            alone = _alone(one, kind, point)
            if not _keep_point(kind, _metric(alone), _point(alone)):
                continue
            owner = first.setdefault(_series_and_day(kind, alone, received_time_ns), alone)
            yield _alone(owner, kind, _point(alone))


def _metric(one: Any) -> Any:
    return one.resource_metrics[0].scope_metrics[0].metrics[0]


def _point(one: Any) -> Any:
    metric = _metric(one)
    return getattr(metric, metric.WhichOneof("data")).data_points[0]


def _alone(one: Any, kind: str, point: Any) -> Any:
    """The same with this point only."""
    copy = type(one)()
    copy.CopyFrom(one)
    metric = _metric(copy)
    _tidy_attributes(metric.metadata)
    points = getattr(metric, kind).data_points
    mine = type(point)()
    mine.CopyFrom(point)
    del points[:]
    points.add().CopyFrom(mine)
    return copy


def _series_and_day(kind: str, one: Any, received_time_ns: int) -> tuple[Any, ...]:
    envelope, metric, point = one.resource_metrics[0], _metric(one), _point(one)
    scope, data = envelope.scope_metrics[0].scope, getattr(_metric(one), kind)
    time = point.time_unix_nano
    return (
        _sorted_bytes(envelope.resource.attributes),
        (scope.name, scope.version, _sorted_bytes(scope.attributes)),
        (metric.name, kind, metric.unit, getattr(data, "aggregation_temporality", None)),
        getattr(data, "is_monotonic", None),
        _sorted_bytes(point.attributes),
        (time if time <= _MAX_TIME else received_time_ns) // _DAY_NS,
    )


def _sorted_bytes(pairs: Any) -> tuple[bytes, ...]:
    return tuple(sorted(pair.SerializeToString() for pair in pairs))


def _keep_point(kind: str, metric: Any, point: Any) -> bool:
    data = getattr(metric, kind)
    _sort(point.attributes)
    has_temporality = kind not in ("gauge", "summary")
    if point.time_unix_nano == 0:
        return False
    if has_temporality and data.aggregation_temporality not in (1, 2):
        return False
    if point.flags & 1:
        _keep_only(point, ("attributes", "start_time_unix_nano", "time_unix_nano", "flags"))
    elif not _IS_VALID[kind](point):
        return False
    for exemplar in getattr(point, "exemplars", ()):
        _tidy_attributes(exemplar.filtered_attributes)
        _clear_wrong_ids(exemplar)
    if kind != "summary":
        _retain(point.exemplars, lambda exemplar: exemplar.WhichOneof("value") is not None)
    if kind == "exponential_histogram":
        point.positive.SetInParent()
        point.negative.SetInParent()
    return True


def _is_number(point: Any) -> bool:
    return point.WhichOneof("value") is not None


def _is_histogram(point: Any) -> bool:
    counts, bounds = point.bucket_counts, list(point.explicit_bounds)
    if not counts and not bounds:
        return True
    return len(counts) == len(bounds) + 1 and _increase(bounds)


def _is_exponential_histogram(point: Any) -> bool:
    ends = [side.offset + len(side.bucket_counts) for side in (point.positive, point.negative)]
    return -10 <= point.scale <= 20 and all(-(2**31) <= end < 2**31 for end in ends)


def _is_summary(point: Any) -> bool:
    quantiles = [item.quantile for item in point.quantile_values]
    fit = all(0 <= quantile <= 1 for quantile in quantiles) and _increase(quantiles)
    return fit and not any(item.value < 0 for item in point.quantile_values)


_IS_VALID: Final[dict[str, Callable[[Any], bool]]] = {
    "gauge": _is_number,
    "sum": _is_number,
    "histogram": _is_histogram,
    "exponential_histogram": _is_exponential_histogram,
    "summary": _is_summary,
}


def _increase(values: list[float]) -> bool:
    if any(math.isnan(value) for value in values):
        return False
    return all(one < other for one, other in itertools.pairwise(values))


def _is_id(raw: bytes, size: int) -> bool:
    return len(raw) == size and any(raw)


def _clear_wrong_ids(message: Any) -> None:
    for name, size in (("trace_id", 16), ("span_id", 8)):
        if not _is_id(getattr(message, name), size):
            message.ClearField(name)


def _keep_only(message: Any, names: Iterable[str]) -> None:
    for field, _ in message.ListFields():
        if field.name not in names:
            message.ClearField(field.name)


def _retain(items: Any, wanted: Callable[[Any], bool]) -> None:
    for index in reversed(range(len(items))):
        if not wanted(items[index]):
            del items[index]


def _sort(pairs: Any) -> None:
    _tidy_attributes(pairs)
    pairs.sort(key=lambda pair: pair.key)


def _tidy_attributes(pairs: Any) -> None:
    """Of equal keys the last stays; string indexes go."""
    last = {pair.key: index for index, pair in enumerate(pairs)}
    for index in reversed(range(len(pairs))):
        if last[pairs[index].key] != index:
            del pairs[index]
    for pair in pairs:
        pair.ClearField("key_strindex")
        pair.value.SetInParent()
        _tidy_value(pair.value)


def _tidy_value(value: Any) -> None:
    kind = value.WhichOneof("value")
    if kind == "string_value_strindex":
        value.ClearField(kind)
    elif kind == "array_value":
        for item in value.array_value.values:
            _tidy_value(item)
    elif kind == "kvlist_value":
        _tidy_attributes(value.kvlist_value.values)
