-- Spans that match, by the minute they began in; of a sampled span as many as it stands for.
SELECT
    epoch_ns(time) // 60000000000 AS minute,
    {{counts}}
FROM (
    SELECT
        *,
        {{time}} AS time,
        {{weight}} AS weight
    FROM {{table}}
    WHERE {{any}}
)
GROUP BY ALL
ORDER BY ALL
