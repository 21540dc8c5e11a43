-- Apart by whether a level was sent: texts are read, of which it is derived, only where none was.
SELECT
    bucket,
    severity,
    CAST(sum(record_count) AS BIGINT) AS record_count
FROM (
    SELECT
        (epoch_ns(time) - $origin) // $step AS bucket,
        {{sent}} AS severity,
        count(*) AS record_count
    FROM logs
    WHERE severity_number > 0 AND {{condition}}
    GROUP BY ALL
    UNION ALL
    SELECT
        (epoch_ns(time) - $origin) // $step AS bucket,
        {{word}} AS severity,
        count(*) AS record_count
    FROM logs
    WHERE (severity_number <= 0 OR severity_number IS NULL) AND {{condition}}
    GROUP BY ALL
)
GROUP BY ALL
