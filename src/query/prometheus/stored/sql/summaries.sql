SELECT
    series_id,
    epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms,
    coalesce(flags, 0) & 1 = 1 AS stale,
    CAST(count AS DOUBLE) AS count,
    sum,
    [one.quantile FOR one IN quantiles] AS quantiles,
    [one.value FOR one IN quantiles] AS quantile_values
FROM metric_points
WHERE {{condition}}
{{order}}
