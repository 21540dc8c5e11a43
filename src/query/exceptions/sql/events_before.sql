SELECT time, service_name, span_name, span_id, name, CAST(attributes AS VARCHAR) AS attributes
FROM span_events
WHERE trace_id = $trace_id AND time <= make_timestamp_ns($before_ns)
ORDER BY time DESC
LIMIT $most
