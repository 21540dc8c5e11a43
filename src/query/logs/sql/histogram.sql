SELECT
    (epoch_ns(time) - $origin) // $step AS bucket,
    {{word}} AS severity,
    count(*) AS record_count
FROM logs
WHERE {{condition}}
GROUP BY ALL
