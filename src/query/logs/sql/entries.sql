WITH found AS (
    SELECT
        time, observed_time, received_time, severity_number, severity_text,
        {{word}} AS severity, body, body_text,
        attributes, resource_attributes, dropped_attributes_count, service_name,
        scope_name, scope_version, trace_id, span_id, flags, event_name,
        {{tie}} AS tie
    FROM logs
    WHERE {{condition}}
)

SELECT
    * EXCLUDE (attributes, resource_attributes),
    CAST(attributes AS VARCHAR) AS attributes,
    CAST(resource_attributes AS VARCHAR) AS resource_attributes
FROM found
WHERE {{after}}
ORDER BY time {{direction}}, received_time {{direction}}, tie {{direction}}
LIMIT $limit OFFSET $offset
