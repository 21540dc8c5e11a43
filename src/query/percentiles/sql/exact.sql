SELECT
    {{keys}}
    count(*) AS span_count,
    count(*) FILTER (status_code = 'error') AS error_count,
    sum(adjusted_count) AS adjusted_count,
    coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS adjusted_error_count,
    count(measured) AS measured_count,
    quantile_cont(measured, {{quantiles}}) AS quantiles
FROM ({{rows}})
WHERE {{condition}}
GROUP BY ALL
HAVING count(*) > 0
