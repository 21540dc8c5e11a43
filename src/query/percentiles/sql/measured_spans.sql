-- Spans, with the columns that span_rollups have.
SELECT
    coalesce(start_time, received_time) AS time,
    service_name,
    name,
    kind,
    status_code,
    parent_span_id IS NULL AS is_root,
    {{grouped}} AS grouped,
    {{measured}} AS measured,
    1 AS count,
    {{adjusted_count}} AS adjusted_count
FROM spans
WHERE {{filters}}
