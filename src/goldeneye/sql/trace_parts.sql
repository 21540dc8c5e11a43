-- Rows of trace_parts (docs/format.md) from those of hot.spans. Of several roots the first counts;
-- where they are equal in time and id, names decide, so that no order of arrival does.
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
    services,
    received_time
FROM (
    SELECT
        trace_id,
        min(time) AS start_time,
        max(end_time) AS end_time,
        min(
            {'time': time, 'span_id': span_id, 'service_name': service_name, 'name': name}
        ) FILTER (parent_span_id IS NULL) AS root,
        count(*) AS span_count,
        count(*) FILTER (status_code = 'error') AS error_count,
        list_sort(list_distinct(list(service_name))) AS services,
        max(received_time) AS received_time
    FROM (SELECT *, coalesce(start_time, received_time) AS time FROM hot.spans)
    WHERE trace_id IS NOT NULL
    GROUP BY trace_id
)
