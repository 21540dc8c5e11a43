//! The messages of OTLP: their fields' names, numbers and kinds.

use crate::signal::Signal;

pub struct Message {
    pub fields: &'static [Field],
}

pub struct Field {
    /// With the wire type; that of bytes where elements are packed.
    pub tag: u32,
    pub snake: &'static str,
    pub camel: &'static str,
    pub kind: Kind,
    pub label: Label,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Label {
    One,
    Many,
    /// `null` among the items is an empty message.
    ManyOrNull,
}

#[derive(Clone, Copy)]
pub enum Kind {
    Bool,
    Text,
    /// Bytes written in hex.
    Id,
    Base64,
    Double,
    Fixed32,
    Fixed64,
    Sfixed64,
    Uint32,
    Uint64,
    Int32,
    Int64,
    Sint32,
    Enum(&'static Enum),
    Nested(&'static Message),
}

/// Each value's number is its place.
pub struct Enum {
    pub name: &'static str,
    pub values: &'static [&'static str],
}

use Kind::{
    Base64, Bool, Double, Enum as Named, Fixed32, Fixed64, Id, Int32, Int64, Nested, Sfixed64,
    Sint32, Text, Uint32, Uint64,
};

impl Kind {
    const fn wire_type(self) -> u32 {
        match self {
            Bool | Uint32 | Uint64 | Int32 | Int64 | Sint32 | Named(_) => 0,
            Double | Fixed64 | Sfixed64 => 1,
            Text | Id | Base64 | Nested(_) => 2,
            Fixed32 => 5,
        }
    }

    /// Repeated numbers share one length; everything else has its own.
    pub const fn is_packed(self) -> bool {
        self.wire_type() != 2
    }
}

impl Message {
    /// The field of this name, and whether the name is snake_case where it should not be.
    ///
    /// `likely` is where to look first: senders keep to the schema's order.
    #[inline]
    pub fn find(&self, name: &[u8], likely: usize) -> Option<(usize, bool)> {
        if let Some(field) = self.fields.get(likely)
            && field.camel.as_bytes() == name
        {
            return Some((likely, false));
        }
        self.search(name)
    }

    fn search(&self, name: &[u8]) -> Option<(usize, bool)> {
        let place = |of: fn(&Field) -> &'static str| {
            let same = |field: &Field| of(field).as_bytes() == name;
            self.fields.iter().position(same)
        };
        match place(|field| field.camel) {
            Some(index) => Some((index, false)),
            None => place(|field| field.snake).map(|index| (index, true)),
        }
    }
}

pub fn request(signal: Signal) -> &'static Message {
    match signal {
        Signal::Traces => &TRACES,
        Signal::Metrics => &METRICS,
        Signal::Logs => &LOGS,
    }
}

const fn one(number: u32, snake: &'static str, camel: &'static str, kind: Kind) -> Field {
    Field {
        tag: number << 3 | kind.wire_type(),
        snake,
        camel,
        kind,
        label: Label::One,
    }
}

const fn many(number: u32, snake: &'static str, camel: &'static str, kind: Kind) -> Field {
    Field {
        tag: number << 3 | 2,
        label: Label::Many,
        ..one(number, snake, camel, kind)
    }
}

const fn many_or_null(number: u32, snake: &'static str, camel: &'static str, kind: Kind) -> Field {
    Field {
        label: Label::ManyOrNull,
        ..many(number, snake, camel, kind)
    }
}

static TRACES: Message = Message {
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

static RESOURCE: Message = Message {
    fields: &[
        many(1, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            2,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
        many(3, "entity_refs", "entityRefs", Nested(&ENTITY_REF)),
    ],
};

static KEY_VALUE: Message = Message {
    fields: &[
        one(1, "key", "key", Text),
        one(2, "value", "value", Nested(&ANY_VALUE)),
        one(3, "key_strindex", "keyStrindex", Int32),
    ],
};

static ANY_VALUE: Message = Message {
    fields: &[
        one(1, "string_value", "stringValue", Text),
        one(2, "bool_value", "boolValue", Bool),
        one(3, "int_value", "intValue", Int64),
        one(4, "double_value", "doubleValue", Double),
        one(5, "array_value", "arrayValue", Nested(&ARRAY_VALUE)),
        one(6, "kvlist_value", "kvlistValue", Nested(&KEY_VALUE_LIST)),
        one(7, "bytes_value", "bytesValue", Base64),
        one(8, "string_value_strindex", "stringValueStrindex", Int32),
    ],
};

static ARRAY_VALUE: Message = Message {
    fields: &[many_or_null(1, "values", "values", Nested(&ANY_VALUE))],
};

static KEY_VALUE_LIST: Message = Message {
    fields: &[many(1, "values", "values", Nested(&KEY_VALUE))],
};

static ENTITY_REF: Message = Message {
    fields: &[
        one(1, "schema_url", "schemaUrl", Text),
        one(2, "type", "type", Text),
        many(3, "id_keys", "idKeys", Text),
        many(4, "description_keys", "descriptionKeys", Text),
    ],
};

static SCOPE_SPANS: Message = Message {
    fields: &[
        one(1, "scope", "scope", Nested(&INSTRUMENTATION_SCOPE)),
        many(2, "spans", "spans", Nested(&SPAN)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

static INSTRUMENTATION_SCOPE: Message = Message {
    fields: &[
        one(1, "name", "name", Text),
        one(2, "version", "version", Text),
        many(3, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(
            4,
            "dropped_attributes_count",
            "droppedAttributesCount",
            Uint32,
        ),
    ],
};

static SPAN: Message = Message {
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

static METRICS: Message = Message {
    fields: &[many(
        1,
        "resource_metrics",
        "resourceMetrics",
        Nested(&RESOURCE_METRICS),
    )],
};

static RESOURCE_METRICS: Message = Message {
    fields: &[
        one(1, "resource", "resource", Nested(&RESOURCE)),
        many(2, "scope_metrics", "scopeMetrics", Nested(&SCOPE_METRICS)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

static SCOPE_METRICS: Message = Message {
    fields: &[
        one(1, "scope", "scope", Nested(&INSTRUMENTATION_SCOPE)),
        many(2, "metrics", "metrics", Nested(&METRIC)),
        one(3, "schema_url", "schemaUrl", Text),
    ],
};

static METRIC: Message = Message {
    fields: &[
        one(1, "name", "name", Text),
        one(2, "description", "description", Text),
        one(3, "unit", "unit", Text),
        one(5, "gauge", "gauge", Nested(&GAUGE)),
        one(7, "sum", "sum", Nested(&SUM)),
        one(9, "histogram", "histogram", Nested(&HISTOGRAM)),
        one(
            10,
            "exponential_histogram",
            "exponentialHistogram",
            Nested(&EXPONENTIAL_HISTOGRAM),
        ),
        one(11, "summary", "summary", Nested(&SUMMARY)),
        many(12, "metadata", "metadata", Nested(&KEY_VALUE)),
    ],
};

static GAUGE: Message = Message {
    fields: &[many(
        1,
        "data_points",
        "dataPoints",
        Nested(&NUMBER_DATA_POINT),
    )],
};

static NUMBER_DATA_POINT: Message = Message {
    fields: &[
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64),
        one(4, "as_double", "asDouble", Double),
        many(5, "exemplars", "exemplars", Nested(&EXEMPLAR)),
        one(6, "as_int", "asInt", Sfixed64),
        many(7, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(8, "flags", "flags", Uint32),
    ],
};

static EXEMPLAR: Message = Message {
    fields: &[
        one(2, "time_unix_nano", "timeUnixNano", Fixed64),
        one(3, "as_double", "asDouble", Double),
        one(4, "span_id", "spanId", Id),
        one(5, "trace_id", "traceId", Id),
        one(6, "as_int", "asInt", Sfixed64),
        many(
            7,
            "filtered_attributes",
            "filteredAttributes",
            Nested(&KEY_VALUE),
        ),
    ],
};

static SUM: Message = Message {
    fields: &[
        many(1, "data_points", "dataPoints", Nested(&NUMBER_DATA_POINT)),
        one(
            2,
            "aggregation_temporality",
            "aggregationTemporality",
            Named(&AGGREGATION_TEMPORALITY),
        ),
        one(3, "is_monotonic", "isMonotonic", Bool),
    ],
};

static HISTOGRAM: Message = Message {
    fields: &[
        many(
            1,
            "data_points",
            "dataPoints",
            Nested(&HISTOGRAM_DATA_POINT),
        ),
        one(
            2,
            "aggregation_temporality",
            "aggregationTemporality",
            Named(&AGGREGATION_TEMPORALITY),
        ),
    ],
};

static HISTOGRAM_DATA_POINT: Message = Message {
    fields: &[
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64),
        one(4, "count", "count", Fixed64),
        one(5, "sum", "sum", Double),
        many(6, "bucket_counts", "bucketCounts", Fixed64),
        many(7, "explicit_bounds", "explicitBounds", Double),
        many(8, "exemplars", "exemplars", Nested(&EXEMPLAR)),
        many(9, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(10, "flags", "flags", Uint32),
        one(11, "min", "min", Double),
        one(12, "max", "max", Double),
    ],
};

static EXPONENTIAL_HISTOGRAM: Message = Message {
    fields: &[
        many(
            1,
            "data_points",
            "dataPoints",
            Nested(&EXPONENTIAL_HISTOGRAM_DATA_POINT),
        ),
        one(
            2,
            "aggregation_temporality",
            "aggregationTemporality",
            Named(&AGGREGATION_TEMPORALITY),
        ),
    ],
};

static EXPONENTIAL_HISTOGRAM_DATA_POINT: Message = Message {
    fields: &[
        many(1, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64),
        one(4, "count", "count", Fixed64),
        one(5, "sum", "sum", Double),
        one(6, "scale", "scale", Sint32),
        one(7, "zero_count", "zeroCount", Fixed64),
        one(8, "positive", "positive", Nested(&BUCKETS)),
        one(9, "negative", "negative", Nested(&BUCKETS)),
        one(10, "flags", "flags", Uint32),
        many(11, "exemplars", "exemplars", Nested(&EXEMPLAR)),
        one(12, "min", "min", Double),
        one(13, "max", "max", Double),
        one(14, "zero_threshold", "zeroThreshold", Double),
    ],
};

static BUCKETS: Message = Message {
    fields: &[
        one(1, "offset", "offset", Sint32),
        many(2, "bucket_counts", "bucketCounts", Uint64),
    ],
};

static SUMMARY: Message = Message {
    fields: &[many(
        1,
        "data_points",
        "dataPoints",
        Nested(&SUMMARY_DATA_POINT),
    )],
};

static SUMMARY_DATA_POINT: Message = Message {
    fields: &[
        one(2, "start_time_unix_nano", "startTimeUnixNano", Fixed64),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64),
        one(4, "count", "count", Fixed64),
        one(5, "sum", "sum", Double),
        many(
            6,
            "quantile_values",
            "quantileValues",
            Nested(&VALUE_AT_QUANTILE),
        ),
        many(7, "attributes", "attributes", Nested(&KEY_VALUE)),
        one(8, "flags", "flags", Uint32),
    ],
};

static VALUE_AT_QUANTILE: Message = Message {
    fields: &[
        one(1, "quantile", "quantile", Double),
        one(2, "value", "value", Double),
    ],
};

static LOGS: Message = Message {
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

static LOG_RECORD: Message = Message {
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

static AGGREGATION_TEMPORALITY: Enum = Enum {
    name: "AggregationTemporality",
    values: &[
        "AGGREGATION_TEMPORALITY_UNSPECIFIED",
        "AGGREGATION_TEMPORALITY_DELTA",
        "AGGREGATION_TEMPORALITY_CUMULATIVE",
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
