SELECT DISTINCT series_id, name, unit, type, is_monotonic, temporality, metadata
FROM metric_series
