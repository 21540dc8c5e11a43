-- The critical path of each trace from its own root (docs/api/bottlenecks.md).
SELECT
    trace_id,
    path.root.span_id AS root_span_id,
    path.root.service_name AS root_service_name,
    path.root.name AS root_name,
    section.span_id AS span_id,
    section.service_name AS service_name,
    section.name AS name,
    section.start_time AS start_time,
    section.end_time AS end_time,
    epoch_ns(section.end_time) - epoch_ns(section.start_time) AS duration_ns
FROM (
    SELECT trace_id, path, unnest(path.sections) AS section
    FROM (
        SELECT
            trace_id,
            critical_path(
                list(
                    {
                        'span_id': span_id,
                        'parent_span_id': parent_span_id,
                        'service_name': service_name,
                        'name': name,
                        'kind': kind,
                        'start_time': start_time,
                        'end_time': end_time,
                        'is_error': CAST(status_code = 'error' AS TINYINT)
                    }
                ),
                NULL,
                0.0
            ) AS path
        FROM spans
        WHERE trace_id IS NOT NULL
        GROUP BY trace_id
    )
)
