SELECT DISTINCT service_name AS name
FROM span_rollups
WHERE service_name IS NOT NULL
ORDER BY service_name
