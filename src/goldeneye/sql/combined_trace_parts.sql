-- Rows of trace_parts that are of one trace become one row, by the rules of trace_parts.sql.
SELECT
    trace_id,
    start_time,
    end_time,
    root.time AS root_start_time,
    root.span_id AS root_span_id,
    root.service_name AS root_service_name,
    root.name AS root_name,
    span_count,
    error_count,
    services
FROM (
    SELECT
        trace_id,
        min(start_time) AS start_time,
        max(end_time) AS end_time,
        min(
            {
                'time': root_start_time,
                'span_id': root_span_id,
                'service_name': root_service_name,
                'name': root_name
            }
        ) FILTER (root_start_time IS NOT NULL) AS root,
        CAST(sum(span_count) AS BIGINT) AS span_count,
        CAST(sum(error_count) AS BIGINT) AS error_count,
        list_sort(list_distinct(flatten(list(services)))) AS services
    FROM trace_parts
    GROUP BY trace_id
)
