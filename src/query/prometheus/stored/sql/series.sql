SELECT DISTINCT ON (series_id)
    series_id,
    name,
    unit,
    type,
    is_monotonic,
    temporality,
    metadata,
    attributes,
    resource_attributes,
    scope_name,
    scope_version,
    scope_schema_url,
    scope_attributes
FROM metric_series
WHERE {{condition}}
