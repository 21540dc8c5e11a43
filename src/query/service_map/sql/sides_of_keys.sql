-- Both sides of calls that are known by their keys. The outer SELECT is there because DuckDB forgets
-- a WITH that stands in parentheses after another one.
SELECT * FROM (WITH {{sides}}

SELECT
    'call' AS what,
    * EXCLUDE (call, time_ns),
    list(call) AS keys,
    list(time_ns) AS times
FROM (
    SELECT
        service_name AS client,
        peer AS server,
        CASE WHEN is_message THEN 'messaging_system' ELSE 'virtual_node' END AS connection_type,
        'server' AS virtual_side,
        bucket AS client_bucket,
        NULL AS server_bucket,
        failed,
        weight,
        false AS by_link,
        true AS of_one_trace,
        call,
        time_ns
    FROM calls
    WHERE call IN (SELECT unnest(CAST($keys AS UBIGINT[])))
)
GROUP BY ALL
UNION ALL
SELECT
    'answer' AS what,
    * EXCLUDE (call, time_ns),
    list(call) AS keys,
    list(time_ns) AS times
FROM (
    SELECT
        NULL AS client,
        service_name AS server,
        CASE WHEN is_message THEN 'messaging_system' ELSE '' END AS connection_type,
        '' AS virtual_side,
        NULL AS client_bucket,
        bucket AS server_bucket,
        failed,
        weight,
        by_link,
        of_one_trace,
        call,
        time_ns
    FROM answers
    WHERE call IN (SELECT unnest(CAST($keys AS UBIGINT[])))
)
GROUP BY ALL)
