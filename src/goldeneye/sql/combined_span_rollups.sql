-- Rows of span_rollups that have one key become one row.
SELECT
    minute,
    service_name,
    name,
    kind,
    status_code,
    is_root,
    bucket,
    CAST(sum(count) AS BIGINT) AS count,
    CAST(
        greatest(least(sum(duration_sum_ns), 9223372036854775807), -9223372036854775808) AS BIGINT
    ) AS duration_sum_ns,
    sum(adjusted_count) AS adjusted_count
FROM span_rollups
GROUP BY ALL
