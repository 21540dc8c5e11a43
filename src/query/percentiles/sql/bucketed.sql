SELECT
    {{keys}}
    {{bucket}} AS bucket,
    CAST(sum(count) AS BIGINT) AS span_count,
    CAST(coalesce(sum(count) FILTER (status_code = 'error'), 0) AS BIGINT) AS error_count,
    sum(adjusted_count) AS adjusted_count,
    coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS adjusted_error_count
FROM ({{rows}})
WHERE {{condition}}
GROUP BY ALL
