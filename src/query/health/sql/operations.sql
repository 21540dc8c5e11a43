-- Requests by operation, with the weights of their durations' buckets. Percentiles are found of
-- these lists elsewhere: windows over the groups take twice the time of all the rest.
SELECT * FROM (
    WITH counted AS (
        SELECT
            service_name,
            name,
            kind,
            bucket,
            sum(count) AS span_count,
            sum(adjusted_count) AS weight,
            coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS failed
        FROM span_rollups
        WHERE
            {{is_entry}}
            AND bucket IS NOT NULL
            AND minute >= make_timestamp_ns($from_ns)
            AND minute < make_timestamp_ns($before_ns)
        GROUP BY ALL
    )

    SELECT
        service_name,
        name,
        kind,
        CAST(sum(span_count) AS BIGINT) AS span_count,
        sum(weight) AS adjusted_count,
        sum(failed) AS adjusted_error_count,
        list(bucket) AS buckets,
        list(weight) AS weights
    FROM counted
    GROUP BY ALL
    HAVING sum(span_count) >= $least
)
