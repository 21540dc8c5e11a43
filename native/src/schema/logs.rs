//! Log records.

use super::Kind::{Enum as Named, Fixed32, Fixed64, Id, Nested, Text, Uint32};
use super::common::{ANY_VALUE, INSTRUMENTATION_SCOPE, KEY_VALUE, RESOURCE};
use super::{Enum, Message, many, one};

pub static LOGS: Message = Message {
    fields: &[many(
        1,
        "resource_logs",
        "resourceLogs",
        Nested(&RESOURCE_LOGS),
    )],
};

static RESOURCE_LOGS: Message = Message {
    fields: &[
        one(1, "resource", "resource", Nested(&RESOURCE)),
        many(2, "scope_logs", "scopeLogs", Nested(&SCOPE_LOGS)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

static SCOPE_LOGS: Message = Message {
    fields: &[
        one(1, "scope", "scope", Nested(&INSTRUMENTATION_SCOPE)),
        many(2, "log_records", "logRecords", Nested(&LOG_RECORD)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

pub static LOG_RECORD: Message = Message {
    fields: &[
        one(1, "time_unix_nano", "timeUnixNano", Fixed64),
        one(
            2,
            "severity_number",
            "severityNumber",
            Named(&SEVERITY_NUMBER),
        ),
        one(3, "severity_text", "severityText", Text),
        one(5, "body", "body", Nested(&ANY_VALUE)),
        many(6, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            7,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
        one(8, "flags", "flags", Fixed32),
        one(9, "trace_id", "traceId", Id),
        one(10, "span_id", "spanId", Id),
        one(
            11,
            "observed_time_unix_nano",
            "observedTimeUnixNano",
            Fixed64,
        ),
        one(12, "event_name", "eventName", Text),
    ],
};

static SEVERITY_NUMBER: Enum = Enum {
    name: "SeverityNumber",
    values: &[
        "SEVERITY_NUMBER_UNSPECIFIED",
        "SEVERITY_NUMBER_TRACE",
        "SEVERITY_NUMBER_TRACE2",
        "SEVERITY_NUMBER_TRACE3",
        "SEVERITY_NUMBER_TRACE4",
        "SEVERITY_NUMBER_DEBUG",
        "SEVERITY_NUMBER_DEBUG2",
        "SEVERITY_NUMBER_DEBUG3",
        "SEVERITY_NUMBER_DEBUG4",
        "SEVERITY_NUMBER_INFO",
        "SEVERITY_NUMBER_INFO2",
        "SEVERITY_NUMBER_INFO3",
        "SEVERITY_NUMBER_INFO4",
        "SEVERITY_NUMBER_WARN",
        "SEVERITY_NUMBER_WARN2",
        "SEVERITY_NUMBER_WARN3",
        "SEVERITY_NUMBER_WARN4",
        "SEVERITY_NUMBER_ERROR",
        "SEVERITY_NUMBER_ERROR2",
        "SEVERITY_NUMBER_ERROR3",
        "SEVERITY_NUMBER_ERROR4",
        "SEVERITY_NUMBER_FATAL",
        "SEVERITY_NUMBER_FATAL2",
        "SEVERITY_NUMBER_FATAL3",
        "SEVERITY_NUMBER_FATAL4",
    ],
};
