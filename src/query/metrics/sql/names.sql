SELECT DISTINCT name
FROM metric_series
ORDER BY name
