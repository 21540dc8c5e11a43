-- Of each series, the first and the last time in each period.
SELECT series_id, unnest([min(time_ms), max(time_ms)]) AS time_ms
FROM (
    SELECT
        series_id,
        epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms
    FROM metric_points
    WHERE {{condition}}
)
GROUP BY series_id, time_ms // $period_ms
