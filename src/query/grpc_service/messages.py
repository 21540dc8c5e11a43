"""Answers of the questions' modules as messages, whose members have the same names."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from goldeneye.errors import InvalidRequest
from query.grpc_service.proto.goldeneye.query.v1 import query_pb2

_IDS: Final = ("traceId", "spanId", "parentSpanId")
_JSON_OF_LOGS: Final = ("body", "attributes", "resource_attributes")


def read(kind: Any, body: bytes) -> Any:
    """A request of this message class. gRPC itself would call a broken one unknown.

    Raises InvalidRequest.
    """
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise InvalidRequest(f"this is no {kind.DESCRIPTOR.name}: {error}") from error


def asked(request: Any) -> dict[str, Any]:
    """The parameters that a request has, as the HTTP routes name them."""
    return {
        field.name: list(value) if field.is_repeated else value
        for field, value in request.ListFields()
    }


def found_traces(answer: Mapping[str, Any], missing_files: set[str]) -> Any:
    """SearchTracesResponse."""
    return _message(answer, missing_files, query_pb2.SearchTracesResponse())


def found_logs(answer: Mapping[str, Any], missing_files: set[str]) -> Any:
    """SearchLogsResponse."""
    plain = orjson.loads(orjson.dumps(answer))
    for one in plain["logs"]:
        for name in _JSON_OF_LOGS:
            if one[name] is not None:
                one[name] = orjson.dumps(one[name]).decode()
    return _message(plain, missing_files, query_pb2.SearchLogsResponse())


def traces_data(otlp_json: Mapping[str, Any]) -> bytes:
    """A serialised TracesData; OTLP's JSON has hexadecimal ids where that of protobuf has base64.

    Spans may be encoded already.
    """
    plain = orjson.loads(orjson.dumps(otlp_json))
    for holder in _with_ids(plain):
        for name in _IDS:
            if name in holder:
                holder[name] = base64.b64encode(bytes.fromhex(holder[name])).decode()
    data = json_format.ParseDict(plain, TracesData())
    return bytes(data.SerializeToString())


def _with_ids(otlp_json: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for resource_spans in otlp_json.get("resourceSpans", ()):
        for scope_spans in resource_spans.get("scopeSpans", ()):
            for span in scope_spans.get("spans", ()):
                yield span
                yield from span.get("links", ())


def _message(answer: Mapping[str, Any], missing_files: set[str], message: Any) -> Any:
    whole = {**answer, "missing_files": sorted(missing_files)}
    # Answers over HTTP may have more than messages do.
    return json_format.ParseDict(whole, message, ignore_unknown_fields=True)
