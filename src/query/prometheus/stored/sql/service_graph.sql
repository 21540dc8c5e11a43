-- The outer SELECT is there because DuckDB forgets a WITH that stands in parentheses after another
-- one.
SELECT * FROM (WITH {{counted}}

SELECT
    minute,
    client,
    server,
    connection_type,
    client_bucket,
    server_bucket,
    sum(weight) AS count,
    sum(failed) AS failed
FROM counted
GROUP BY ALL)
