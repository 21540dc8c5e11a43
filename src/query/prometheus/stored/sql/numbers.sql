-- A value that is NULL is a stale marker.
SELECT
    series_id,
    epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms,
    CASE
        WHEN coalesce(flags, 0) & 1 = 0 THEN coalesce(value, CAST(value_int AS DOUBLE))
    END AS value
FROM metric_points
WHERE
    {{condition}}
    AND (value IS NOT NULL OR value_int IS NOT NULL OR coalesce(flags, 0) & 1 = 1)
{{order}}
