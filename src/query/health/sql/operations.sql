-- Requests by operation and bucket of duration.
SELECT
    service_name,
    name,
    kind,
    bucket,
    CAST(sum(count) AS BIGINT) AS span_count,
    sum(adjusted_count) AS weight,
    coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS failed
FROM span_rollups
WHERE
    {{is_entry}}
    AND minute >= make_timestamp_ns($from_ns)
    AND minute < make_timestamp_ns($before_ns)
GROUP BY ALL
