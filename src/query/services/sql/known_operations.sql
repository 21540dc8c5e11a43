SELECT DISTINCT name
FROM span_rollups
WHERE name IS NOT NULL AND (service_name = $service OR $service IS NULL)
ORDER BY name
