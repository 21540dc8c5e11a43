SELECT DISTINCT type, unit, temporality, is_monotonic
FROM metric_series
WHERE name = $name AND (service_name = $service OR $service IS NULL)
