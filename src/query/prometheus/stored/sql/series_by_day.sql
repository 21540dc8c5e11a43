-- New are those that were not there on the days before, as far as these are looked at.
SELECT CAST(day AS VARCHAR) AS day, count(*) AS series, count(*) FILTER (day = first_day) AS new
FROM (
    SELECT DISTINCT series_id, day, min(day) OVER (PARTITION BY series_id) AS first_day
    FROM metric_series
)
GROUP BY day
ORDER BY day
