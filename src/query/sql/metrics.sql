-- Each point with the one row of its series and day: rows of a series repeat across files.
-- LEFT, so that a point is never hidden.
SELECT p.*, s.* EXCLUDE (series_id, day, name)
FROM metric_points AS p
LEFT JOIN (SELECT DISTINCT ON (series_id, day) * FROM metric_series) AS s
    ON s.series_id = p.series_id AND s.day = CAST(coalesce(p.time, p.received_time) AS DATE)
