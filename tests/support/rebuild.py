"""OTLP requests made anew from the columns: one for each row, in the rows' order.

What decoding.md calls equal is written one way: resource, scope, status, buckets and values are
there even where they are empty, and top-level attributes are sorted by key.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from support.any_values import pair, wire
from support.otlp_values import REQUESTS

from otlp_receiver.decoding import canonical_json
from otlp_receiver.decoding.values import Value

Row = Mapping[str, Any]

_DAY_NS: Final = 86_400_000_000_000
_KINDS: Final = ("unspecified", "internal", "server", "client", "producer", "consumer")
_STATUS_CODES: Final = ("unset", "ok", "error")
_TEMPORALITIES: Final = {"delta": 1, "cumulative": 2}
_EPOCH: Final = date(1970, 1, 1)


def spans(rows: Iterable[Row]) -> list[Any]:
    """A request for each row of `spans`."""
    found = []
    for row in rows:
        request, scoped = _enveloped("traces", "spans", row)
        _fill_span(scoped.spans.add(), row)
        found.append(request)
    return found


def logs(rows: Iterable[Row]) -> list[Any]:
    """A request for each row of `logs`."""
    found = []
    for row in rows:
        request, scoped = _enveloped("logs", "logs", row)
        _fill_record(scoped.log_records.add(), row)
        found.append(request)
    return found


def metrics(points: Iterable[Row], series: Iterable[Row]) -> list[Any]:
    """A request for each row of `metric_points`, with its row of `metric_series`."""
    by_key = {(row["series_id"], (row["day"] - _EPOCH).days): row for row in series}
    found = []
    for row in points:
        time = row["received_time"] if row["time"] is None else row["time"]
        owner = by_key[row["series_id"], time // _DAY_NS]
        assert owner["name"] == row["name"]
        request, scoped = _enveloped("metrics", "metrics", owner)
        _fill_metric(scoped.metrics.add(), owner, row)
        found.append(request)
    return found


def _enveloped(signal: Any, items: str, row: Row) -> tuple[Any, Any]:
    request = REQUESTS[signal]()
    envelope = getattr(request, f"resource_{items}").add()
    _set(envelope, schema_url=row["resource_schema_url"])
    envelope.resource.SetInParent()
    _set(
        envelope.resource,
        dropped_attributes_count=row["resource_dropped_attributes_count"],
    )
    own = {} if row["service_name"] is None else {"service.name": row["service_name"]}
    _add_attributes(envelope.resource.attributes, _all_of(row, "resource_attributes", own))
    for ref in canonical_json.decode(row["resource_entity_refs"] or "[]"):  # type: ignore[union-attr]
        envelope.resource.entity_refs.add(**ref.entries)  # type: ignore[union-attr]
    scoped = getattr(envelope, f"scope_{items}").add()
    _set(scoped, schema_url=row["scope_schema_url"])
    scoped.scope.SetInParent()
    _set(
        scoped.scope,
        name=row["scope_name"],
        version=row["scope_version"],
        dropped_attributes_count=row["scope_dropped_attributes_count"],
    )
    _add_text(scoped.scope.attributes, row["scope_attributes"])
    return request, scoped


def _fill_span(span: Any, row: Row) -> None:
    _copy(span, row, "trace_state flags name dropped_attributes_count dropped_events_count")
    _copy(span, row, "dropped_links_count")
    _copy_ids(span, row, "trace_id span_id parent_span_id")
    _copy_times(span, row, "start_time end_time")
    span.status.SetInParent()
    _set(span, kind=_number(_KINDS, row["kind"]))
    _set(span.status, code=_number(_STATUS_CODES, row["status_code"]))
    _set(span.status, message=row["status_message"])
    _add_attributes(span.attributes, _all_of(row, "attributes"))
    for part in row["events"]:
        event = span.events.add()
        _copy(event, part, "name dropped_attributes_count")
        _copy_times(event, part, "time")
        _add_text(event.attributes, part["attributes"])
    for part in row["links"]:
        link = span.links.add()
        _copy(link, part, "trace_state dropped_attributes_count flags")
        _copy_ids(link, part, "trace_id span_id")
        _add_text(link.attributes, part["attributes"])


def _fill_record(record: Any, row: Row) -> None:
    _copy(record, row, "severity_number severity_text dropped_attributes_count flags event_name")
    _copy_ids(record, row, "trace_id span_id")
    _copy_times(record, row, "time observed_time")
    _add_attributes(record.attributes, _all_of(row, "attributes"))
    if row["body"] is not None:
        record.body.MergeFromString(wire(canonical_json.decode(row["body"])))
        record.body.SetInParent()


def _fill_metric(metric: Any, series: Row, row: Row) -> None:
    _copy(metric, series, "name unit description")
    _add_text(metric.metadata, series["metadata"])
    data = getattr(metric, series["type"])
    _set(data, aggregation_temporality=_TEMPORALITIES.get(series["temporality"]))
    _set(data, is_monotonic=series["is_monotonic"])
    point = data.data_points.add()
    _copy_times(point, row, "time start_time")
    _add_attributes(point.attributes, _all_of(series, "attributes"))
    _copy(point, row, "flags count sum min max scale zero_count zero_threshold")
    _fill_value(point, row)
    for name in ("bucket_counts", "explicit_bounds") if series["type"] == "histogram" else ():
        getattr(point, name).extend(row[name] or ())
    for side in ("positive", "negative") if series["type"] == "exponential_histogram" else ():
        buckets = getattr(point, side)
        buckets.SetInParent()
        _set(buckets, offset=row[f"{side}_offset"])
        buckets.bucket_counts.extend(row[f"{side}_bucket_counts"] or ())
    for part in row["quantiles"] or ():
        point.quantile_values.add(**part)
    for part in row["exemplars"] or ():
        exemplar = point.exemplars.add()
        _copy_ids(exemplar, part, "trace_id span_id")
        _copy_times(exemplar, part, "time")
        _fill_value(exemplar, part)
        _add_text(exemplar.filtered_attributes, part["attributes"])


def _fill_value(message: Any, row: Row) -> None:
    if row["value_int"] is not None:
        assert row["value"] == float(row["value_int"])
        message.as_int = row["value_int"]
    elif row["value"] is not None:
        message.as_double = row["value"]


def _set(target: Any, /, **values: Any) -> None:
    for name, value in values.items():
        if value is not None:
            setattr(target, name, value)


def _copy(message: Any, row: Row, names: str) -> None:
    _set(message, **{name: row[name] for name in names.split()})


def _copy_ids(message: Any, row: Row, names: str) -> None:
    _set(message, **{name: bytes.fromhex(row[name] or "") for name in names.split()})


def _copy_times(message: Any, row: Row, names: str) -> None:
    for name in names.split():
        raw = row[f"{name}_unix_nano"]
        _set(message, **{f"{name}_unix_nano": row[name] if raw is None else raw})


def _number(words: tuple[str, ...], word: str) -> int:
    return words.index(word) if word in words else int(word)


def _all_of(row: Row, prefix: str, own: Mapping[str, Value] | None = None) -> dict[str, Value]:
    """All attributes, those with columns of their own too."""
    columns = {
        name.removeprefix(f"{prefix}."): value
        for name, value in row.items()
        if name.startswith(f"{prefix}.") and value is not None
    }
    rest = canonical_json.decode_attributes(row[f"{prefix}_other"])
    found = [*(own or {}).items(), *columns.items(), *rest.items()]
    assert len(dict(found)) == len(found), "an attribute is in two places"
    return dict(sorted(found))


def _add_text(pairs: Any, text: str | None) -> None:
    _add_attributes(pairs, canonical_json.decode_attributes(text))


def _add_attributes(pairs: Any, attributes: Mapping[str, Value]) -> None:
    for key, value in attributes.items():
        pairs.add().MergeFromString(pair(key, value))
