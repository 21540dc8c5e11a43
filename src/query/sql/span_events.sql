SELECT
    trace_id,
    span_id,
    service_name,
    span_name,
    span_start_time,
    event.time AS time,
    event.time_unix_nano AS time_unix_nano,
    event.name AS name,
    CAST(coalesce(event.attributes, '{}') AS JSON) AS attributes,
    event.dropped_attributes_count AS dropped_attributes_count
FROM (
    SELECT
        trace_id,
        span_id,
        service_name,
        name AS span_name,
        start_time AS span_start_time,
        unnest(events) AS event
    FROM spans
)
