"""Data points become rows of `metric_points` and `metric_series` (docs/decoding.md, section 5)."""

from dataclasses import dataclass
from typing import Any, Final

from goldeneye.clock import DAY_NS
from otlp_receiver.decoding import points, series
from otlp_receiver.decoding.canonical_json import encode_attributes
from otlp_receiver.decoding.envelope import (
    RESOURCE_NAMES,
    SCOPE_NAMES,
    Context,
    Resource,
    Scope,
    resource,
    scope,
)
from otlp_receiver.decoding.rows import Rows, pad, time_columns
from otlp_receiver.decoding.times import check_time

# `identity` stands for series_id and series_check until the whole group is read.
SERIES_NAMES: Final = (
    "identity",
    "day",
    "name",
    "type",
    "unit",
    "description",
    "temporality",
    "is_monotonic",
    "metadata",
    "attributes_other",
    *RESOURCE_NAMES,
    *SCOPE_NAMES,
)
POINT_NAMES: Final = (
    "identity",
    "name",
    "time",
    "start_time",
    "received_time",
    "time_unix_nano",
    "start_time_unix_nano",
    "flags",
    *points.VALUE_NAMES,
)
_DATA: Final = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponential_histogram": "exponential_histogram",
    "summary": "summary",
}
_TEMPORALITIES: Final = {1: "delta", 2: "cumulative"}
_NO_RECORDED_VALUE: Final = 1


@dataclass(frozen=True)
class _Metric:
    kind: str
    name: str
    temporality: str | None
    has_temporality: bool
    columns: tuple[Any, ...]  # from `name` to `metadata`
    digest: bytes


@dataclass(frozen=True)
class _Owner:
    resource: Resource
    scope: Scope
    resource_digest: bytes
    scope_digest: bytes


def read(request: Any, ctx: Context) -> None:
    """All points of an ExportMetricsServiceRequest."""
    series_rows = ctx.body.of("metric_series", SERIES_NAMES)
    point_rows = ctx.body.of("metric_points", POINT_NAMES)
    for outer, envelope in enumerate(request.resource_metrics):
        found = resource(envelope, ctx)
        resource_digest = series.digest(series.sorted_json(found.attributes))
        for middle, scoped in enumerate(envelope.scope_metrics):
            owner = _owner(found, resource_digest, scope(scoped, ctx))
            start = len(series_rows.rows)
            for inner, message in enumerate(scoped.metrics):
                metric = _metric(message, ctx)
                if metric is not None:
                    place = f"resource_metrics[{outer}].scope_metrics[{middle}].metrics[{inner}]"
                    _read_points(message, metric, place, owner, ctx, series_rows, point_rows)
            series_rows.fill(start, found.promoted)


def _owner(found: Resource, resource_digest: bytes, found_scope: Scope) -> _Owner:
    scope_digest = series.digest(
        series.strings_json(found_scope.name, found_scope.version),
        series.sorted_json(found_scope.attributes),
    )
    return _Owner(found, found_scope, resource_digest, scope_digest)


def _metric(message: Any, ctx: Context) -> _Metric | None:
    """What all points of a metric share; None where it has no data."""
    reader = ctx.reader
    name, unit = reader.text(message.name), reader.text(message.unit)
    description = reader.text(message.description)
    metadata = encode_attributes(reader.attributes(message.metadata))
    kind = message.WhichOneof("data")
    if kind is None:
        return None
    data = getattr(message, kind)
    has_temporality = kind not in ("gauge", "summary")
    temporality = _TEMPORALITIES.get(data.aggregation_temporality) if has_temporality else None
    is_monotonic = data.is_monotonic if kind == "sum" else None
    monotonic_word = "" if is_monotonic is None else "true" if is_monotonic else "false"
    digest = series.digest(
        series.strings_json(name, _DATA[kind], unit, temporality or "", monotonic_word)
    )
    columns = (
        name,
        _DATA[kind],
        unit or None,
        description or None,
        temporality,
        is_monotonic,
        metadata,
    )
    return _Metric(kind, name, temporality, has_temporality, columns, digest)


def _read_points(
    message: Any,
    metric: _Metric,
    place: str,
    owner: _Owner,
    ctx: Context,
    series_rows: Rows,
    point_rows: Rows,
) -> None:
    for index, point in enumerate(getattr(message, metric.kind).data_points):
        attributes = ctx.reader.attributes(point.attributes)
        exemplars = [
            found
            for item in getattr(point, "exemplars", ())
            if (found := points.exemplar(item, ctx)) is not None
        ]
        has_value = not point.flags & _NO_RECORDED_VALUE
        reason = _fault(metric, point, has_value)
        if reason is not None:
            ctx.body.reject(reason, f"{place}.data_points[{index}]")
            continue
        ctx.body.accepted += 1
        check_time(point.time_unix_nano, ctx)
        identity = series.identity(
            owner.resource_digest, owner.scope_digest, metric.digest, attributes
        )
        time, raw_time = time_columns(point.time_unix_nano)
        start_time, raw_start_time = time_columns(point.start_time_unix_nano)
        columns = (
            points.values(metric.kind, point, exemplars, ctx) if has_value else points.NO_VALUES
        )
        point_rows.add(
            (
                identity,
                metric.name,
                time,
                start_time,
                ctx.received_time_ns,
                raw_time,
                raw_start_time,
                point.flags,
                *columns,
            )
        )
        day = (ctx.received_time_ns if time is None else time) // DAY_NS
        _add_series(identity, day, metric, owner, attributes, ctx, series_rows)


def _fault(metric: _Metric, point: Any, has_value: bool) -> str | None:
    if point.time_unix_nano == 0:
        return "zero_time"
    if metric.has_temporality and metric.temporality is None:
        return "invalid_temporality"
    return points.fault(metric.kind, point) if has_value else None


def _add_series(
    identity: int,
    day: int,
    metric: _Metric,
    owner: _Owner,
    attributes: dict[str, Any],
    ctx: Context,
    series_rows: Rows,
) -> None:
    promoted, other = ctx.attributes.part(attributes, series_rows.strays)
    series_rows.strays |= owner.resource.strays
    row = (identity, day, *metric.columns, other, *owner.resource.columns, *owner.scope.columns)
    series_rows.add(row, promoted)


def with_ids(series_rows: Rows, point_rows: Rows) -> tuple[Rows, Rows]:
    """The rows of a group with ids in place of identities, and one series row a day."""
    ids = series.SeriesIds()
    keyed_points = Rows("metric_points", ("series_id", *POINT_NAMES[1:]))
    keyed_points.rows = [(ids.of(row[0]), *row[1:]) for row in point_rows.rows]
    first: dict[tuple[int, int], int] = {}
    for at, row in enumerate(series_rows.rows):
        first.setdefault((row[0], row[1]), at)
    kept = list(first.values())
    keyed = Rows("metric_series", ("series_id", "series_check", *SERIES_NAMES[1:]))
    keyed.rows = [
        (ids.of(row[0]), row[0] >> 64, *row[1:]) for row in (series_rows.rows[at] for at in kept)
    ]
    for column, values in series_rows.promoted.items():
        pad(values, len(series_rows.rows))
        keyed.promoted[column] = [values[at] for at in kept]
    keyed.strays = series_rows.strays
    return keyed, keyed_points
