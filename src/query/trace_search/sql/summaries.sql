SELECT
    trace_id,
    start_time,
    end_time,
    duration_ns,
    root_service_name,
    root_name,
    span_count,
    error_count,
    services
FROM (
    WITH combined AS ({{combined}})

    {{traces}}
)
WHERE trace_id IN ({{trace_ids}})
