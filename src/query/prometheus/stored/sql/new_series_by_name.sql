-- New are those of the last day that were not there on the days before, as far as these are looked
-- at.
SELECT name, count(*) AS series
FROM (
    SELECT name, series_id, min(day) AS first_day
    FROM metric_series
    GROUP BY name, series_id
)
WHERE first_day = (SELECT max(day) FROM metric_series)
GROUP BY name
ORDER BY name
