//! Metrics, their points and exemplars.

use super::Kind::{
    Bool, Double, Enum as Named, Fixed64, Id, Nested, Sfixed64, Sint32, Text, Uint32, Uint64,
};
use super::common::{INSTRUMENTATION_SCOPE, KEY_VALUE, RESOURCE};
use super::{Enum, Message, many, one};

pub static METRICS: Message = Message {
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

pub static NUMBER_DATA_POINT: Message = Message {
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

pub static HISTOGRAM_DATA_POINT: Message = Message {
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

pub static EXPONENTIAL_HISTOGRAM_DATA_POINT: Message = Message {
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

pub static SUMMARY_DATA_POINT: Message = Message {
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

static AGGREGATION_TEMPORALITY: Enum = Enum {
    name: "AggregationTemporality",
    values: &[
        "AGGREGATION_TEMPORALITY_UNSPECIFIED",
        "AGGREGATION_TEMPORALITY_DELTA",
        "AGGREGATION_TEMPORALITY_CUMULATIVE",
    ],
};
