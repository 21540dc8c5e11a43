-- Of each hour the one sample that stands for all; an hour is unfit where that would not be what its
-- samples give: milliseconds with several points, markers, NaN, or a sample on its beginning, which
-- belongs to the window before.
SELECT
    series_id,
    epoch_ns(time) // 3600000000000 AS hour,
    epoch_ns({{moment}}) // 1000000 AS time_ms,
    {{value}} AS value,
    duplicate_count > 0
    OR stale_count > 0
    OR coalesce(same_millisecond_count, 1) > 0
    OR coalesce(isnan({{value}}), true)
    OR epoch_ns(first_time) // 1000000 = epoch_ns(time) // 1000000 AS is_unfit
FROM metric_rollups
WHERE {{condition}} AND period_s = 3600 AND point_count > 0
