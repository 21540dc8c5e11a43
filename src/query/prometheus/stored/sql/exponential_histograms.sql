-- Coarser scales than -4 have no native histogram: Prometheus refuses them.
SELECT
    series_id,
    epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms,
    epoch_ns(start_time) // 1000000 AS start_ms,
    coalesce(flags, 0) & 1 = 1 AS stale,
    CAST(count AS DOUBLE) AS count,
    sum,
    coalesce(scale, 0) AS scale,
    CAST(zero_count AS DOUBLE) AS zero_count,
    zero_threshold,
    coalesce(positive_offset, 0) AS positive_offset,
    positive_bucket_counts,
    coalesce(negative_offset, 0) AS negative_offset,
    negative_bucket_counts
FROM metric_points
WHERE {{condition}} AND coalesce(scale, 0) >= -4
{{order}}
