SELECT
    trace_id,
    span_id,
    service_name,
    name,
    kind,
    start_time,
    duration_ns,
    status_message
FROM spans
WHERE status_code = 'error' AND start_time IS NOT NULL
ORDER BY start_time DESC, span_id
LIMIT $count
