SELECT
    {{keys}}
    count(*) AS count,
    quantile_cont(measured, {{quantiles}}) AS quantiles
FROM (
    SELECT
        coalesce(time, received_time) AS time,
        coalesce(value, value_int) AS measured,
        {{grouped}} AS grouped
    FROM metrics
    WHERE
        name = $metric
        AND (service_name = $service OR $service IS NULL)
        AND coalesce(flags, 0) & 1 = 0
        AND {{filters}}
    QUALIFY
        row_number() OVER (
            PARTITION BY series_id, coalesce(time, received_time) ORDER BY received_time DESC
        ) = 1
)
WHERE isfinite(measured)
GROUP BY ALL
HAVING count(*) > 0
