SELECT
    span_id,
    parent_span_id,
    service_name,
    name,
    kind,
    start_time,
    duration_ns,
    status_code,
    status_message,
    CAST(attributes AS VARCHAR) AS attributes,
    CAST(resource_attributes AS VARCHAR) AS resource_attributes
FROM spans
WHERE trace_id = $trace_id AND span_id = $span_id
LIMIT 1
