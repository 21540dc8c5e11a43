-- The minutes in which each service sent spans.
SELECT
    service_name,
    epoch_ns(minute) // 60000000000 AS minute
FROM span_rollups
WHERE service_name IS NOT NULL
GROUP BY ALL
