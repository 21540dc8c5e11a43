"""Exemplars as OTLP has them."""

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from query.promql.remote_write.exemplar_points import otlp_exemplar
from query.promql.remote_write.series import Exemplar

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def _texts(attributes: list[KeyValue]) -> dict[str, str]:
    return {attribute.key: attribute.value.string_value for attribute in attributes}


def test_ids_are_ids() -> None:
    found = otlp_exemplar(Exemplar({"trace_id": TRACE, "span_id": SPAN, "user": "u"}, 1.5, 7))
    assert found.trace_id.hex() == TRACE
    assert found.span_id.hex() == SPAN
    assert (found.as_double, found.time_unix_nano) == (1.5, 7_000_000)
    assert _texts(list(found.filtered_attributes)) == {"user": "u"}


def test_what_is_no_id_stays_as_it_is() -> None:
    labels = {"trace_id": TRACE.upper(), "span_id": "0" * 16}
    found = otlp_exemplar(Exemplar(labels, 0.0, 0))
    assert (found.trace_id, found.span_id, found.time_unix_nano) == (b"", b"", 0)
    assert _texts(list(found.filtered_attributes)) == labels
