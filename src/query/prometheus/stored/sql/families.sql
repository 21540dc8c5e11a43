SELECT DISTINCT name, unit, type, is_monotonic, temporality, metadata
FROM metric_series
