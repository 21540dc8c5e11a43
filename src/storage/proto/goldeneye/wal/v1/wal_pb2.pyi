from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Signal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIGNAL_UNSPECIFIED: _ClassVar[Signal]
    SIGNAL_TRACES: _ClassVar[Signal]
    SIGNAL_METRICS: _ClassVar[Signal]
    SIGNAL_LOGS: _ClassVar[Signal]
    SIGNAL_SLO_MINUTES: _ClassVar[Signal]
    SIGNAL_ALERT_EVENTS: _ClassVar[Signal]
    SIGNAL_NOTIFICATIONS: _ClassVar[Signal]

class Encoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENCODING_UNSPECIFIED: _ClassVar[Encoding]
    ENCODING_PROTOBUF: _ClassVar[Encoding]
    ENCODING_JSON: _ClassVar[Encoding]
    ENCODING_ARROW: _ClassVar[Encoding]
SIGNAL_UNSPECIFIED: Signal
SIGNAL_TRACES: Signal
SIGNAL_METRICS: Signal
SIGNAL_LOGS: Signal
SIGNAL_SLO_MINUTES: Signal
SIGNAL_ALERT_EVENTS: Signal
SIGNAL_NOTIFICATIONS: Signal
ENCODING_UNSPECIFIED: Encoding
ENCODING_PROTOBUF: Encoding
ENCODING_JSON: Encoding
ENCODING_ARROW: Encoding

class RecordHeader(_message.Message):
    __slots__ = ("tenant", "signal", "encoding", "received_time_unix_nano")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    SIGNAL_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_TIME_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    tenant: str
    signal: Signal
    encoding: Encoding
    received_time_unix_nano: int
    def __init__(self, tenant: _Optional[str] = ..., signal: _Optional[_Union[Signal, str]] = ..., encoding: _Optional[_Union[Encoding, str]] = ..., received_time_unix_nano: _Optional[int] = ...) -> None: ...
