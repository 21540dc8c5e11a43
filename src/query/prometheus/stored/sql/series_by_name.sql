SELECT name, count(DISTINCT series_id) AS series
FROM metric_series
GROUP BY name
ORDER BY series DESC, name
