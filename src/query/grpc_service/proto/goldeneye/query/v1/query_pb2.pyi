import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SqlRequest(_message.Message):
    __slots__ = ("sql", "params_json", "start", "end")
    SQL_FIELD_NUMBER: _ClassVar[int]
    PARAMS_JSON_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    sql: str
    params_json: str
    start: str
    end: str
    def __init__(self, sql: _Optional[str] = ..., params_json: _Optional[str] = ..., start: _Optional[str] = ..., end: _Optional[str] = ...) -> None: ...

class SqlResponse(_message.Message):
    __slots__ = ("arrow", "facts")
    ARROW_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    arrow: bytes
    facts: SqlFacts
    def __init__(self, arrow: _Optional[bytes] = ..., facts: _Optional[_Union[SqlFacts, _Mapping]] = ...) -> None: ...

class SqlFacts(_message.Message):
    __slots__ = ("row_count", "elapsed_ms", "truncated", "files_read", "missing_files")
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    ELAPSED_MS_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_FIELD_NUMBER: _ClassVar[int]
    FILES_READ_FIELD_NUMBER: _ClassVar[int]
    MISSING_FILES_FIELD_NUMBER: _ClassVar[int]
    row_count: int
    elapsed_ms: float
    truncated: bool
    files_read: int
    missing_files: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, row_count: _Optional[int] = ..., elapsed_ms: _Optional[float] = ..., truncated: _Optional[bool] = ..., files_read: _Optional[int] = ..., missing_files: _Optional[_Iterable[str]] = ...) -> None: ...

class GetTraceRequest(_message.Message):
    __slots__ = ("trace_id",)
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    trace_id: str
    def __init__(self, trace_id: _Optional[str] = ...) -> None: ...

class GetTraceResponse(_message.Message):
    __slots__ = ("traces_data", "missing_files")
    TRACES_DATA_FIELD_NUMBER: _ClassVar[int]
    MISSING_FILES_FIELD_NUMBER: _ClassVar[int]
    traces_data: bytes
    missing_files: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, traces_data: _Optional[bytes] = ..., missing_files: _Optional[_Iterable[str]] = ...) -> None: ...

class SearchTracesRequest(_message.Message):
    __slots__ = ("service", "operation", "kind", "status", "min_duration", "max_duration", "attribute", "start", "end", "order", "limit", "cursor")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MIN_DURATION_FIELD_NUMBER: _ClassVar[int]
    MAX_DURATION_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    service: str
    operation: str
    kind: str
    status: str
    min_duration: str
    max_duration: str
    attribute: _containers.RepeatedScalarFieldContainer[str]
    start: str
    end: str
    order: str
    limit: int
    cursor: str
    def __init__(self, service: _Optional[str] = ..., operation: _Optional[str] = ..., kind: _Optional[str] = ..., status: _Optional[str] = ..., min_duration: _Optional[str] = ..., max_duration: _Optional[str] = ..., attribute: _Optional[_Iterable[str]] = ..., start: _Optional[str] = ..., end: _Optional[str] = ..., order: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class SearchTracesResponse(_message.Message):
    __slots__ = ("traces", "next_cursor", "missing_files")
    TRACES_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    MISSING_FILES_FIELD_NUMBER: _ClassVar[int]
    traces: _containers.RepeatedCompositeFieldContainer[TraceSummary]
    next_cursor: str
    missing_files: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, traces: _Optional[_Iterable[_Union[TraceSummary, _Mapping]]] = ..., next_cursor: _Optional[str] = ..., missing_files: _Optional[_Iterable[str]] = ...) -> None: ...

class TraceSummary(_message.Message):
    __slots__ = ("trace_id", "start_time", "end_time", "duration_ns", "root_service_name", "root_name", "span_count", "error_count", "services")
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    ROOT_SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    ROOT_NAME_FIELD_NUMBER: _ClassVar[int]
    SPAN_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_COUNT_FIELD_NUMBER: _ClassVar[int]
    SERVICES_FIELD_NUMBER: _ClassVar[int]
    trace_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    duration_ns: int
    root_service_name: str
    root_name: str
    span_count: int
    error_count: int
    services: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, trace_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration_ns: _Optional[int] = ..., root_service_name: _Optional[str] = ..., root_name: _Optional[str] = ..., span_count: _Optional[int] = ..., error_count: _Optional[int] = ..., services: _Optional[_Iterable[str]] = ...) -> None: ...

class SearchLogsRequest(_message.Message):
    __slots__ = ("query", "service", "min_severity", "trace_id", "span_id", "attribute", "start", "end", "order", "case", "limit", "cursor")
    QUERY_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    MIN_SEVERITY_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    CASE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    query: str
    service: str
    min_severity: str
    trace_id: str
    span_id: str
    attribute: _containers.RepeatedScalarFieldContainer[str]
    start: str
    end: str
    order: str
    case: str
    limit: int
    cursor: str
    def __init__(self, query: _Optional[str] = ..., service: _Optional[str] = ..., min_severity: _Optional[str] = ..., trace_id: _Optional[str] = ..., span_id: _Optional[str] = ..., attribute: _Optional[_Iterable[str]] = ..., start: _Optional[str] = ..., end: _Optional[str] = ..., order: _Optional[str] = ..., case: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class SearchLogsResponse(_message.Message):
    __slots__ = ("logs", "next_cursor", "missing_files")
    LOGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    MISSING_FILES_FIELD_NUMBER: _ClassVar[int]
    logs: _containers.RepeatedCompositeFieldContainer[LogEntry]
    next_cursor: str
    missing_files: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, logs: _Optional[_Iterable[_Union[LogEntry, _Mapping]]] = ..., next_cursor: _Optional[str] = ..., missing_files: _Optional[_Iterable[str]] = ...) -> None: ...

class LogEntry(_message.Message):
    __slots__ = ("time", "observed_time", "received_time", "severity_number", "severity_text", "severity", "severity_derived", "body", "body_text", "attributes", "resource_attributes", "service_name", "scope_name", "trace_id", "span_id", "event_name")
    TIME_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_TIME_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_TEXT_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_DERIVED_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    BODY_TEXT_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    RESOURCE_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    SCOPE_NAME_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    observed_time: _timestamp_pb2.Timestamp
    received_time: _timestamp_pb2.Timestamp
    severity_number: int
    severity_text: str
    severity: str
    severity_derived: bool
    body: str
    body_text: str
    attributes: str
    resource_attributes: str
    service_name: str
    scope_name: str
    trace_id: str
    span_id: str
    event_name: str
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., observed_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., received_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., severity_number: _Optional[int] = ..., severity_text: _Optional[str] = ..., severity: _Optional[str] = ..., severity_derived: _Optional[bool] = ..., body: _Optional[str] = ..., body_text: _Optional[str] = ..., attributes: _Optional[str] = ..., resource_attributes: _Optional[str] = ..., service_name: _Optional[str] = ..., scope_name: _Optional[str] = ..., trace_id: _Optional[str] = ..., span_id: _Optional[str] = ..., event_name: _Optional[str] = ...) -> None: ...
