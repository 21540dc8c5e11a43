SELECT DISTINCT series_id
FROM metric_series
WHERE {{condition}}
