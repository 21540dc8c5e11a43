-- Operations by the bucket of their 95th percentile.
SELECT * FROM (
    WITH counted AS MATERIALIZED ({{operations}}),

    ranked AS (
        SELECT
            *,
            sum(weight) OVER (PARTITION BY service_name, name, kind ORDER BY bucket) AS upto,
            sum(weight) OVER (PARTITION BY service_name, name, kind) AS total
        FROM counted
        WHERE bucket IS NOT NULL
    )

    SELECT
        service_name,
        name,
        kind,
        CAST(sum(span_count) AS BIGINT) AS span_count,
        sum(weight) AS adjusted_count,
        sum(failed) AS adjusted_error_count,
        min(bucket) FILTER (upto > floor(0.95 * (total - 1))) AS low,
        min(bucket) FILTER (upto > floor(0.95 * (total - 1)) + 1) AS high
    FROM ranked
    GROUP BY ALL
    HAVING sum(span_count) >= $least
    ORDER BY low DESC, high DESC NULLS LAST, service_name, name, kind
    LIMIT $count
)
