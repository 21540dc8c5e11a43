SELECT name, unit, type, is_monotonic, temporality, metadata, arg_max(description, day) AS help
FROM metric_series
GROUP BY ALL
ORDER BY name
