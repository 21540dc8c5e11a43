-- Points of histograms, exponential ones and summaries, of each instant the one that arrived last,
-- and how it follows on the one before it: with the same layout of buckets, or after a reset.
CREATE OR REPLACE TEMP TABLE histograms AS
WITH arrived AS (
    SELECT
        series_id,
        name,
        coalesce(time, received_time) AS instant,
        received_time,
        CASE WHEN count IS NOT NULL THEN struct_pack(
            count, sum, bucket_counts, scale, zero_count, positive_offset, positive_bucket_counts,
            negative_offset, negative_bucket_counts
        ) END AS histogram,
        min,
        max,
        struct_pack(
            explicit_bounds,
            zero_threshold,
            is_exponential := scale IS NOT NULL,
            bucket_count := len(bucket_counts)
        ) AS layout
    FROM read_parquet($points, hive_partitioning = false, union_by_name = true)
    WHERE series_id BETWEEN $low AND $high
        AND list_contains($hours, epoch_ns(coalesce(time, received_time)) // 3600000000000)
        AND received_time > make_timestamp_ns($after_ns)
        AND (
            count IS NOT NULL
            OR (
                value IS NULL
                AND value_int IS NULL
                AND series_id IN (SELECT series_id FROM series WHERE type NOT IN ('gauge', 'sum'))
            )
        )
),
lasting AS (
    SELECT *, count(*) OVER (PARTITION BY series_id, instant) - 1 AS duplicate_count
    FROM arrived
    QUALIFY row_number() OVER (
        PARTITION BY series_id, instant
        ORDER BY received_time DESC, histogram IS NULL, histogram DESC, min DESC, max DESC
    ) = 1
),
followed AS (
    SELECT
        lasting.*,
        type,
        temporality,
        lag(instant) OVER before AS previous_instant,
        lag(histogram) OVER before AS previous,
        layout IS NOT DISTINCT FROM lag(layout) OVER before AS is_same_layout
    FROM lasting
    LEFT JOIN series USING (series_id)
    WINDOW before AS (PARTITION BY lasting.series_id, histogram IS NULL ORDER BY instant)
),
compared AS (
    SELECT
        *,
        greatest(previous.scale - histogram.scale, 0) AS previous_shift,
        greatest(histogram.scale - previous.scale, 0) AS shift,
        is_same_layout AND temporality IS DISTINCT FROM 'delta' AS is_compared
    FROM followed
),
aligned AS (
    SELECT
        *,
        previous.positive_offset >> previous_shift AS positive_index_before,
        histogram.positive_offset >> shift AS positive_index,
        previous.negative_offset >> previous_shift AS negative_index_before,
        histogram.negative_offset >> shift AS negative_index,
        CASE WHEN is_compared THEN coarser(
            previous.positive_bucket_counts, previous.positive_offset, previous_shift
        ) END AS positive_before,
        CASE WHEN is_compared THEN coarser(
            histogram.positive_bucket_counts, histogram.positive_offset, shift
        ) END AS positive,
        CASE WHEN is_compared THEN coarser(
            previous.negative_bucket_counts, previous.negative_offset, previous_shift
        ) END AS negative_before,
        CASE WHEN is_compared THEN coarser(
            histogram.negative_bucket_counts, histogram.negative_offset, shift
        ) END AS negative
    FROM compared
)
SELECT
    series_id,
    name,
    type,
    temporality,
    instant,
    received_time,
    duplicate_count,
    histogram,
    min,
    max,
    layout,
    previous_instant,
    is_same_layout,
    is_compared AND (
        histogram.count < previous.count
        OR coalesce(histogram.zero_count < previous.zero_count, false)
        OR any_lower(previous.bucket_counts, 0, histogram.bucket_counts, 0)
        OR any_lower(positive_before, positive_index_before, positive, positive_index)
        OR any_lower(negative_before, negative_index_before, negative, negative_index)
    ) AS is_reset
FROM aligned
