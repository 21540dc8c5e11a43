-- A row for each run; points without a value count in the first of the period.
INSERT INTO rollups BY NAME
WITH points AS (
    SELECT
        series_id,
        any_value(name) AS name,
        any_value(type) AS type,
        any_value(temporality) AS temporality,
        time,
        run,
        max(received_time) AS received_time,
        count(*) AS point_count,
        sum(duplicate_count) AS duplicate_count,
        min(instant) AS first_time,
        max(instant) AS last_time,
        CASE
            WHEN count(*) FILTER (weight <> 0 AND histogram.sum IS NULL) = 0
                THEN coalesce(sum(weight * histogram.sum) FILTER (weight <> 0), 0)
        END AS sum,
        min(min) AS min,
        max(max) AS max,
        count(*) FILTER (is_reset AND NOT begins_run) AS resets,
        as_count(sum(weight * CAST(histogram.count AS HUGEINT))) AS count,
        as_count(sum(weight * CAST(histogram.zero_count AS HUGEINT))) AS zero_count,
        any_value(layout) AS layout,
        arg_min(histogram, instant) AS first_histogram,
        arg_max(histogram, instant) AS last_histogram
    FROM runs
    GROUP BY series_id, time, run
),
stale AS (
    SELECT
        series_id,
        any_value(name) AS name,
        any_value(type) AS type,
        any_value(temporality) AS temporality,
        period_start(instant, $period_s) AS time,
        1 AS run,
        max(received_time) AS received_time,
        count(*) AS stale_count,
        sum(duplicate_count) AS duplicate_count
    FROM histograms
    WHERE histogram IS NULL
    GROUP BY series_id, period_start(instant, $period_s)
)
SELECT
    series_id,
    coalesce(points.name, stale.name) AS name,
    coalesce(points.type, stale.type) AS type,
    coalesce(points.temporality, stale.temporality) AS temporality,
    $period_s AS period_s,
    time,
    greatest(points.received_time, stale.received_time) AS received_time,
    coalesce(point_count, 0) AS point_count,
    coalesce(stale_count, 0) AS stale_count,
    CAST(
        coalesce(points.duplicate_count, 0) + coalesce(stale.duplicate_count, 0) AS BIGINT
    ) AS duplicate_count,
    first_time,
    last_time,
    sum,
    min,
    max,
    CASE WHEN points.temporality IS DISTINCT FROM 'delta' THEN resets END AS resets,
    count,
    coalesce(explicit, list_transform(first_histogram.bucket_counts, lambda number: 0))
        AS bucket_counts,
    layout.explicit_bounds AS explicit_bounds,
    scale,
    CASE WHEN scale IS NOT NULL THEN zero_count END AS zero_count,
    layout.zero_threshold AS zero_threshold,
    CASE WHEN scale IS NOT NULL THEN coalesce(positive_offset, 0) END AS positive_offset,
    CASE WHEN scale IS NOT NULL THEN coalesce(positive, []) END AS positive_bucket_counts,
    CASE WHEN scale IS NOT NULL THEN coalesce(negative_offset, 0) END AS negative_offset,
    CASE WHEN scale IS NOT NULL THEN coalesce(negative, []) END AS negative_bucket_counts,
    CASE WHEN points.temporality IS DISTINCT FROM 'delta' THEN first_histogram END
        AS first_histogram,
    CASE WHEN points.temporality IS DISTINCT FROM 'delta' THEN last_histogram END
        AS last_histogram
FROM points
LEFT JOIN buckets USING (series_id, time, run)
FULL JOIN stale USING (series_id, time, run)
ORDER BY series_id, time, first_time
