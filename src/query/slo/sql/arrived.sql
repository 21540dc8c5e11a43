-- How many rows were received since an instant, by the time they are of and the minute they came
-- in: minutes, and hours where they are old.
SELECT
    service,
    CASE WHEN minute < $fine THEN minute - minute % 60 ELSE minute END AS first,
    CASE WHEN minute < $fine THEN 60 ELSE 1 END AS minutes,
    received,
    count(*) AS row_count
FROM (
    SELECT
        {{service}} AS service,
        epoch_ns({{time}}) // 60000000000 AS minute,
        epoch_ns(received_time) // 60000000000 AS received
    FROM {{table}}
    WHERE received_time >= make_timestamp_ns($since_ns)
)
GROUP BY ALL
