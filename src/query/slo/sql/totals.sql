-- What is stored of one SLO's minutes, corrections included.
SELECT
    epoch_ns(minute) // 60000000000 AS minute,
    sum(good) AS good,
    sum(total) AS total
FROM slo_minutes
WHERE slo = $slo
GROUP BY ALL
ORDER BY ALL
