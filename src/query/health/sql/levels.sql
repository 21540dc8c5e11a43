-- Log records by the severity number that they were sent with.
SELECT
    severity_number,
    count(*) AS record_count
FROM logs
WHERE time >= make_timestamp_ns($from_ns) AND time < make_timestamp_ns($before_ns)
GROUP BY ALL
