SELECT
    count(*) AS span_count,
    critical_path(
        list(
            {
                'span_id': span_id,
                'parent_span_id': parent_span_id,
                'service_name': service_name,
                'name': name,
                'kind': kind,
                'start_time': start_time,
                'end_time': end_time,
                'is_error': CAST(status_code = 'error' AS TINYINT)
            }
        ),
        NULL,
        $tolerance
    ) AS path
FROM spans
WHERE trace_id = $trace_id
