SELECT
    name,
    type,
    unit,
    arg_max(description, day) AS description,
    temporality,
    is_monotonic,
    count(DISTINCT series_id) AS series_count,
    coalesce(list_sort(list(DISTINCT service_name) FILTER (service_name IS NOT NULL)), [])
        AS services
FROM metric_series
WHERE
    (service_name = $service OR $service IS NULL)
    AND (contains(lower(name), lower($contains)) OR $contains IS NULL)
    AND name >= coalesce($after_name, '')
GROUP BY name, type, unit, temporality, is_monotonic
HAVING
    $after_name IS NULL
    OR (name, coalesce(type, ''), coalesce(unit, ''), coalesce(temporality, ''),
        coalesce(is_monotonic, false))
    > ($after_name, $after_type, $after_unit, $after_temporality, $after_monotonic)
ORDER BY
    name, coalesce(type, ''), coalesce(unit, ''), coalesce(temporality, ''),
    coalesce(is_monotonic, false)
LIMIT $limit
