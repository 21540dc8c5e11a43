-- Number points, of each instant the one that arrived last, with the one before it. The flag of
-- points without a value is their missing value.
CREATE OR REPLACE TEMP TABLE numbers AS
WITH arrived AS (
    SELECT
        series_id,
        name,
        coalesce(time, received_time) AS instant,
        received_time,
        coalesce(value, value_int) AS value
    FROM read_parquet($points, hive_partitioning = false, union_by_name = true)
    WHERE series_id BETWEEN $low AND $high
        AND list_contains($hours, epoch_ns(coalesce(time, received_time)) // 3600000000000)
        AND received_time > make_timestamp_ns($after_ns)
        AND count IS NULL
        AND (
            coalesce(value, value_int) IS NOT NULL
            OR series_id NOT IN (
                SELECT series_id FROM series WHERE type NOT IN ('gauge', 'sum')
            )
        )
),
lasting AS (
    SELECT *, count(*) OVER (PARTITION BY series_id, instant) - 1 AS duplicate_count
    FROM arrived
    QUALIFY row_number() OVER (
        PARTITION BY series_id, instant ORDER BY received_time DESC, value DESC NULLS LAST
    ) = 1
)
SELECT
    lasting.*,
    type,
    temporality,
    lag(value) OVER before AS previous,
    lag(instant) OVER before AS previous_instant
FROM lasting
LEFT JOIN series USING (series_id)
WINDOW before AS (PARTITION BY lasting.series_id, value IS NULL ORDER BY instant)
