SELECT
    series_id,
    epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms,
    epoch_ns(start_time) // 1000000 AS start_ms,
    coalesce(flags, 0) & 1 = 1 AS stale,
    CAST(count AS DOUBLE) AS count,
    sum,
    CASE WHEN coalesce(flags, 0) & 1 = 0 THEN bucket_counts END AS bucket_counts,
    CASE WHEN coalesce(flags, 0) & 1 = 0 THEN explicit_bounds END AS explicit_bounds
FROM metric_points
WHERE {{condition}}
{{order}}
