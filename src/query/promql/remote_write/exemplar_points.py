"""Exemplars as OTLP has them: with ids of their own."""

import re
from collections.abc import Iterable
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar as OtlpExemplar

from query.promql.remote_write.series import Exemplar

_TRACE_ID: Final = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN_ID: Final = re.compile(r"(?!0{16})[0-9a-f]{16}")
_NS_PER_MS: Final = 1_000_000


def otlp_exemplar(exemplar: Exemplar) -> OtlpExemplar:
    """Labels that are no ids of traces and spans, whatever they are called, stay attributes."""
    labels = dict(exemplar.labels)
    found = OtlpExemplar(
        as_double=exemplar.value,
        time_unix_nano=max(exemplar.time_ms, 0) * _NS_PER_MS,
    )
    if _TRACE_ID.fullmatch(labels.get("trace_id", "")):
        found.trace_id = bytes.fromhex(labels.pop("trace_id"))
    if _SPAN_ID.fullmatch(labels.get("span_id", "")):
        found.span_id = bytes.fromhex(labels.pop("span_id"))
    found.filtered_attributes.extend(string_attributes(labels.items()))
    return found


def string_attributes(pairs: Iterable[tuple[str, str]]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in pairs]
