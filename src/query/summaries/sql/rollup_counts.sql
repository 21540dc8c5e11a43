SELECT
    {{keys}}
    service_name,
    {{is_entry}} AS is_entry,
    bucket,
    CAST(sum(count) AS BIGINT) AS span_count,
    CAST(coalesce(sum(count) FILTER (status_code = 'error'), 0) AS BIGINT) AS error_count,
    sum(adjusted_count) AS adjusted_count,
    coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS adjusted_error_count
FROM span_rollups
GROUP BY ALL
{{order}}
