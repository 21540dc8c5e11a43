-- The last ones of each piece, of which the last ones of all are some.
SELECT
    piece,
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
QUALIFY row_number() OVER (PARTITION BY piece ORDER BY start_time DESC, span_id) <= $count
