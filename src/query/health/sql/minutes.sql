-- All spans of a service, and its requests, by minute.
SELECT
    epoch_ns(minute) // 60000000000 AS minute,
    CAST(coalesce(sum(count) FILTER ({{is_entry}}), 0) AS BIGINT) AS request_count,
    CAST(
        coalesce(sum(count) FILTER ({{is_entry}} AND status_code = 'error'), 0) AS BIGINT
    ) AS error_count,
    coalesce(sum(adjusted_count) FILTER ({{is_entry}}), 0) AS adjusted_count,
    coalesce(
        sum(adjusted_count) FILTER ({{is_entry}} AND status_code = 'error'), 0
    ) AS adjusted_error_count
FROM span_rollups
WHERE service_name = $service
GROUP BY ALL
ORDER BY ALL
