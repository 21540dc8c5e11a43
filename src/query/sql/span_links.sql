SELECT
    trace_id,
    span_id,
    service_name,
    span_name,
    span_start_time,
    link.trace_id AS linked_trace_id,
    link.span_id AS linked_span_id,
    link.trace_state AS trace_state,
    CAST(coalesce(link.attributes, '{}') AS JSON) AS attributes,
    link.dropped_attributes_count AS dropped_attributes_count,
    link.flags AS flags
FROM (
    SELECT
        trace_id,
        span_id,
        service_name,
        name AS span_name,
        start_time AS span_start_time,
        unnest(links) AS link
    FROM spans
)
