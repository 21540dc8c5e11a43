WITH sampled AS (
    SELECT
        time, service_name, {{word}} AS severity,
        left(coalesce(nullif(body_text, ''), event_name, ''), $max_chars) AS line
    FROM logs
    -- The same records whenever it is asked, wherever they are stored. Of a signed and an unsigned
    -- number DuckDB makes one of 128 bits, whose remainder takes longer than all else.
    WHERE {{condition}} AND hash(time, span_id, body_text) % CAST($every AS UBIGINT) = 0
)

SELECT
    {{masked}} AS masked, service_name, severity,
    count(*) AS record_count, min(time) AS first_seen, max(time) AS last_seen,
    max_by(line, time) AS example
FROM sampled
GROUP BY ALL
ORDER BY record_count DESC, masked, service_name, severity
