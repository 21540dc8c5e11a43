-- The oldest time of what SLOs may count.
SELECT epoch_ns(min(time)) AS oldest_ns
FROM (
    SELECT min(minute) AS time FROM span_rollups
    UNION ALL
    SELECT min(coalesce(time, received_time)) AS time FROM metric_points
    UNION ALL
    SELECT min(time) AS time FROM logs
)
