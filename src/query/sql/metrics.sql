-- Each point with the one row of its series and day: rows of a series repeat across files.
-- LEFT, so that a point is never hidden. The day is not a cast of nanoseconds, which would be
-- rounded: a day's last half microsecond would be the next day's.
SELECT p.*, s.* EXCLUDE (series_id, day, name)
FROM metric_points AS p
LEFT JOIN (SELECT DISTINCT ON (series_id, day) * FROM metric_series) AS s
    ON
        s.series_id = p.series_id
        AND s.day
        = CAST(make_timestamp(epoch_ns(coalesce(p.time, p.received_time)) // 1000) AS DATE)
