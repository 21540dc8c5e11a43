-- The increase of each run's buckets, side by side: explicit ones, positive and negative ones. These
-- are merged at the coarsest scale of the run, or a coarser one where they would be too many.
CREATE OR REPLACE TEMP TABLE buckets AS
WITH scales AS (
    SELECT series_id, time, run, min(histogram.scale) AS scale
    FROM runs
    GROUP BY series_id, time, run
),
lists AS (
    SELECT series_id, time, run, weight, 'explicit' AS side, 0 AS shift, 0 AS first_index,
        histogram.bucket_counts AS counts
    FROM runs
    WHERE weight <> 0
    UNION ALL BY NAME
    SELECT series_id, time, run, weight, 'positive' AS side,
        histogram.scale - scales.scale AS shift,
        CAST(histogram.positive_offset AS BIGINT) AS first_index,
        histogram.positive_bucket_counts AS counts
    FROM runs JOIN scales USING (series_id, time, run)
    WHERE weight <> 0
    UNION ALL BY NAME
    SELECT series_id, time, run, weight, 'negative' AS side,
        histogram.scale - scales.scale AS shift,
        CAST(histogram.negative_offset AS BIGINT) AS first_index,
        histogram.negative_bucket_counts AS counts
    FROM runs JOIN scales USING (series_id, time, run)
    WHERE weight <> 0
),
spans AS (
    SELECT series_id, time, run, side,
        min(first_index >> shift) AS low,
        max((first_index + len(counts) - 1) >> shift) AS high,
        CASE
            WHEN side = 'explicit' THEN 0
            ELSE greatest(0, length(bin(high - low)) - $bucket_bits)
        END AS needed
    FROM lists
    WHERE len(counts) > 0
    GROUP BY series_id, time, run, side
),
fitting AS (
    SELECT *, max(needed) OVER (PARTITION BY series_id, time, run) AS further
    FROM spans
),
contributions AS (
    -- Zeros, so that a list has no gaps.
    SELECT series_id, time, run, side, unnest(range(low >> further, (high >> further) + 1)) AS index,
        0::HUGEINT AS number
    FROM fitting
    UNION ALL BY NAME
    SELECT series_id, time, run, side,
        (first_index + unnest(range(len(counts)))) >> (shift + further) AS index,
        CAST(unnest(counts) AS HUGEINT) * weight AS number
    FROM lists JOIN fitting USING (series_id, time, run, side)
),
merged AS (
    SELECT series_id, time, run, side, index, as_count(sum(number)) AS number
    FROM contributions
    GROUP BY series_id, time, run, side, index
),
listed AS (
    SELECT series_id, time, run, side, min(index) AS low, list(number ORDER BY index) AS counts
    FROM merged
    GROUP BY series_id, time, run, side
)
SELECT
    series_id,
    time,
    run,
    any_value(scales.scale) - coalesce(any_value(further), 0) AS scale,
    any_value(counts) FILTER (side = 'explicit') AS explicit,
    any_value(listed.low) FILTER (side = 'positive') AS positive_offset,
    any_value(counts) FILTER (side = 'positive') AS positive,
    any_value(listed.low) FILTER (side = 'negative') AS negative_offset,
    any_value(counts) FILTER (side = 'negative') AS negative
FROM scales
LEFT JOIN listed USING (series_id, time, run)
LEFT JOIN fitting USING (series_id, time, run, side)
GROUP BY series_id, time, run
