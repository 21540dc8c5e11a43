-- Occurrences of one shape, release and service, those seen last first.
SELECT
    exception_type,
    shape,
    has_stack,
    service_name,
    version,
    list(DISTINCT environment) FILTER (environment IS NOT NULL) AS environments,
    list(DISTINCT span_name) FILTER (span_name IS NOT NULL) AS span_names,
    min(time) AS first_seen,
    max(time) AS last_seen,
    count(*) AS count,
    sum(weight) AS adjusted_count,
    arg_max(exception_message, time) AS exception_message,
    arg_max(exception_stacktrace, time) AS exception_stacktrace,
    max_by(trace_id, time, $samples) AS trace_ids
FROM ({{occurrences}})
GROUP BY exception_type, shape, has_stack, service_name, version
ORDER BY last_seen DESC
LIMIT $most
