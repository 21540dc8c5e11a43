-- Log records of each minute by the severity number that they were sent with.
SELECT
    piece,
    epoch_ns(time) // 60000000000 AS minute,
    severity_number,
    count(*) AS record_count
FROM logs
GROUP BY ALL
