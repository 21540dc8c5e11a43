SELECT DISTINCT service_name, name, kind, status_code
FROM span_rollups
