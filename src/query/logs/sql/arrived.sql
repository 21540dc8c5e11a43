WITH found AS (
    SELECT *, count(*) OVER () AS found_count
    FROM (
        SELECT
            time, observed_time, received_time, severity_number, severity_text,
            {{word}} AS severity, body, body_text,
            attributes, resource_attributes, dropped_attributes_count, service_name,
            scope_name, scope_version, trace_id, span_id, flags, event_name
        FROM logs
        WHERE {{condition}}
    )
)

SELECT
    * EXCLUDE (attributes, resource_attributes),
    CAST(attributes AS VARCHAR) AS attributes,
    CAST(resource_attributes AS VARCHAR) AS resource_attributes
FROM found
ORDER BY received_time, time
LIMIT $limit
