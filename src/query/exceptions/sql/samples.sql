SELECT
    source,
    time,
    trace_id,
    span_id,
    service_name,
    version,
    environment,
    span_name,
    exception_type,
    exception_message,
    exception_stacktrace
FROM ({{occurrences}})
WHERE exception_type IS NOT DISTINCT FROM $type AND list_contains($shapes, shape)
ORDER BY time DESC, trace_id, span_id
LIMIT $most
