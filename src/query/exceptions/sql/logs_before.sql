SELECT time, service_name, severity_number, severity_text, body_text, span_id,
    CAST(attributes AS VARCHAR) AS attributes
FROM logs
WHERE trace_id = $trace_id AND time <= make_timestamp_ns($before_ns)
ORDER BY time DESC
LIMIT $most
