-- A value lower than the one before it is a reset, and counts from zero; so for any temporality but
-- delta, whose values are increases themselves.
INSERT INTO rollups BY NAME
WITH steps AS (
    SELECT
        *,
        period_start(instant, $period_s) AS time,
        coalesce(previous_instant >= period_start(instant, $period_s), false) AS has_previous,
        has_previous AND value < previous AND NOT isnan(previous) AS is_reset
    FROM numbers
)
SELECT
    series_id,
    any_value(name) AS name,
    any_value(type) AS type,
    any_value(temporality) AS temporality,
    $period_s AS period_s,
    time,
    max(received_time) AS received_time,
    count(value) AS point_count,
    count(*) - count(value) AS stale_count,
    CAST(sum(duplicate_count) AS BIGINT) AS duplicate_count,
    count(*) FILTER (
        value IS NOT NULL
        AND epoch_ns(instant) // 1000000 = epoch_ns(previous_instant) // 1000000
    ) AS same_millisecond_count,
    min(instant) FILTER (value IS NOT NULL) AS first_time,
    max(instant) FILTER (value IS NOT NULL) AS last_time,
    sum(value) AS sum,
    min(value) FILTER (NOT isnan(value)) AS min,
    max(value) FILTER (NOT isnan(value)) AS max,
    arg_min(value, instant) AS first,
    arg_max(value, instant) AS last,
    sum(
        CASE
            WHEN value IS NULL THEN NULL
            WHEN temporality = 'delta' THEN value
            WHEN NOT has_previous THEN 0
            WHEN is_reset THEN value
            ELSE value - previous
        END
    ) AS increase,
    CASE
        WHEN any_value(temporality) IS DISTINCT FROM 'delta' THEN count(*) FILTER (is_reset)
    END AS resets
FROM steps
GROUP BY series_id, time
ORDER BY series_id, time
