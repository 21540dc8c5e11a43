SELECT
    series_id,
    explicit_bounds,
    epoch_ns(coalesce(exemplar.time, point_time)) // 1000000 AS time_ms,
    coalesce(exemplar.value, CAST(exemplar.value_int AS DOUBLE)) AS value,
    exemplar.trace_id AS trace_id,
    exemplar.span_id AS span_id,
    exemplar.attributes AS attributes
FROM (
    SELECT
        series_id,
        explicit_bounds,
        coalesce(time, received_time) AS point_time,
        unnest(exemplars) AS exemplar
    FROM metric_points
    WHERE {{condition}}
)
ORDER BY time_ms
