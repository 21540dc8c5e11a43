-- Edges with the neighbours in rank of their quantiles. The outer SELECT is there because DuckDB
-- forgets a WITH that stands in parentheses after another one.
SELECT * FROM (WITH {{counted}},

wanted AS MATERIALIZED (
    SELECT *
    FROM counted
    WHERE {{wanted}}
),

ranked AS (
    SELECT
        *,
        sum(weight) OVER (
            PARTITION BY client, server, connection_type, of_server
            ORDER BY bucket
        ) AS upto,
        sum(weight) OVER (PARTITION BY client, server, connection_type, of_server) AS total
    FROM (
        SELECT
            client,
            server,
            connection_type,
            true AS of_server,
            server_bucket AS bucket,
            sum(weight) AS weight
        FROM wanted
        WHERE server_bucket IS NOT NULL
        GROUP BY ALL
        UNION ALL
        SELECT
            client,
            server,
            connection_type,
            false AS of_server,
            client_bucket AS bucket,
            sum(weight) AS weight
        FROM wanted
        WHERE client_bucket IS NOT NULL
        GROUP BY ALL
    )
),

latencies AS (
    SELECT
        client,
        server,
        connection_type,
        {{latencies}}
    FROM ranked
    GROUP BY ALL
)

SELECT *
FROM (
    SELECT
        client,
        server,
        connection_type,
        bool_or(virtual_side != 'client') AS client_is_service,
        bool_or(virtual_side != 'server') AS server_is_service,
        CAST(sum(span_count) AS BIGINT) AS span_count,
        sum(weight) AS adjusted_count,
        sum(failed) AS adjusted_error_count
    FROM wanted
    GROUP BY ALL
)
LEFT JOIN latencies USING (client, server, connection_type)
ORDER BY client, server, connection_type)
