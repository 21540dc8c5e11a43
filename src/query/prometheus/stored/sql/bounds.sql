SELECT series_id, list_distinct(flatten(list(DISTINCT explicit_bounds))) AS bounds
FROM metric_points
WHERE {{condition}}
GROUP BY series_id
