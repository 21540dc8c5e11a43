-- Of each series, the last time in each period.
SELECT series_id, max(time_ms) AS time_ms
FROM (
    SELECT
        series_id,
        epoch_ns(coalesce(time, received_time)) // 1000000 AS time_ms
    FROM metric_points
    WHERE {{condition}}
)
GROUP BY series_id, time_ms // $period_ms
