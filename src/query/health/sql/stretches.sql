-- A service's requests in each of several stretches of time, by bucket of their durations.
SELECT
    number,
    bucket,
    CAST(sum(count) AS BIGINT) AS request_count,
    CAST(coalesce(sum(count) FILTER (status_code = 'error'), 0) AS BIGINT) AS error_count,
    sum(adjusted_count) AS adjusted_count,
    coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS adjusted_error_count
FROM
    (
        SELECT *
        FROM span_rollups
        WHERE service_name = $service AND {{is_entry}}
    )
JOIN (
    SELECT
        unnest(range(len($starts))) AS number,
        unnest($starts) AS first_ns,
        unnest($ends) AS end_ns
) ON epoch_ns(minute) >= first_ns AND epoch_ns(minute) < end_ns
GROUP BY ALL
