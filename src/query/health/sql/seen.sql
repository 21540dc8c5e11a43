-- When a service was first and last heard of.
SELECT
    epoch_ns(min(minute)) // 60000000000 AS first_minute,
    epoch_ns(max(minute)) // 60000000000 AS last_minute
FROM span_rollups
WHERE service_name = $service
