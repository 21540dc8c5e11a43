//! Spans, events and links.

use super::Kind::{Enum as Named, Fixed32, Fixed64, Id, Nested, Text, Uint32};
use super::common::{INSTRUMENTATION_SCOPE, KEY_VALUE, RESOURCE};
use super::{Enum, Message, many, one};

pub static TRACES: Message = Message {
    fields: &[many(
        1,
        "resource_spans",
        "resourceSpans",
        Nested(&RESOURCE_SPANS),
    )],
};

static RESOURCE_SPANS: Message = Message {
    fields: &[
        one(1, "resource", "resource", Nested(&RESOURCE)),
        many(2, "scope_spans", "scopeSpans", Nested(&SCOPE_SPANS)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

static SCOPE_SPANS: Message = Message {
    fields: &[
        one(1, "scope", "scope", Nested(&INSTRUMENTATION_SCOPE)),
        many(2, "spans", "spans", Nested(&SPAN)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

pub static SPAN: Message = Message {
    fields: &[
        one(1, "trace_id", "traceId", Id),
        one(2, "span_id", "spanId", Id),
        one(3, "trace_state", "traceState", Text),
        one(4, "parent_span_id", "parentSpanId", Id),
        one(5, "name", "name", Text),
        one(6, "kind", "kind", Named(&SPAN_KIND)),
        one(7, "start_time_unix_nano", "startTimeUnixNano", Fixed64),
        one(8, "end_time_unix_nano", "endTimeUnixNano", Fixed64),
        many(9, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            10,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
        many(11, "events", "events", Nested(&EVENT)),
        one(12, "dropped_events_count", "droppedEventsCount", Uint32),
        many(13, "links", "links", Nested(&LINK)),
        one(14, "dropped_links_count", "droppedLinksCount", Uint32),
        one(15, "status", "status", Nested(&STATUS)),
        one(16, "flags", "flags", Fixed32),
    ],
};

static EVENT: Message = Message {
    fields: &[
        one(1, "time_unix_nano", "timeUnixNano", Fixed64),
        one(2, "name", "name", Text),
        many(3, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            4,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
    ],
};

static LINK: Message = Message {
    fields: &[
        one(1, "trace_id", "traceId", Id),
        one(2, "span_id", "spanId", Id),
        one(3, "trace_state", "traceState", Text),
        many(4, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            5,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
        one(6, "flags", "flags", Fixed32),
    ],
};

static STATUS: Message = Message {
    fields: &[
        one(2, "message", "message", Text),
        one(3, "code", "code", Named(&STATUS_CODE)),
    ],
};

static SPAN_KIND: Enum = Enum {
    name: "SpanKind",
    values: &[
        "SPAN_KIND_UNSPECIFIED",
        "SPAN_KIND_INTERNAL",
        "SPAN_KIND_SERVER",
        "SPAN_KIND_CLIENT",
        "SPAN_KIND_PRODUCER",
        "SPAN_KIND_CONSUMER",
    ],
};

static STATUS_CODE: Enum = Enum {
    name: "StatusCode",
    values: &["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"],
};
