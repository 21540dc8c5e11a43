-- As numbers.sql.
SELECT
    series_id,
    epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms,
    epoch_ns(start_time) // 1000000 AS start_ms,
    CASE
        WHEN coalesce(flags, 0) & 1 = 0 THEN coalesce(value, CAST(value_int AS DOUBLE))
    END AS value
FROM metric_points
WHERE
    {{condition}}
    AND (value IS NOT NULL OR value_int IS NOT NULL OR coalesce(flags, 0) & 1 = 1)
{{order}}
