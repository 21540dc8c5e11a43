-- What was measured in the range, by bucket. A point of delta temporality counts whole, as does a
-- cumulative one whose counting began after the point before it, or without such a point in the
-- range; else it counts by what it is more than the point before. So most points of a series
-- cancel out (once as the later, once as the earlier one), and are not taken apart.
WITH points AS (
    SELECT
        series_id,
        coalesce(time, received_time) AS moment,
        start_time,
        temporality,
        type,
        count,
        bucket_counts,
        explicit_bounds,
        scale,
        zero_count,
        positive_offset,
        positive_bucket_counts,
        negative_offset,
        negative_bucket_counts,
        {{grouped}} AS grouped
    FROM metrics
    WHERE
        name = $metric
        AND (service_name = $service OR $service IS NULL)
        AND coalesce(flags, 0) & 1 = 0
        AND {{filters}}
    QUALIFY
        row_number() OVER (
            PARTITION BY series_id, coalesce(time, received_time) ORDER BY received_time DESC
        ) = 1
),
ordered AS (
    SELECT
        series_id,
        moment,
        start_time,
        temporality,
        lag(moment) OVER series AS before_moment,
        count >= lag(count) OVER series
            AND explicit_bounds IS NOT DISTINCT FROM lag(explicit_bounds) OVER series
            AND NOT coalesce(start_time >= lag(moment) OVER series, false) AS goes_on
    FROM points
    WINDOW series AS (PARTITION BY series_id ORDER BY moment)
),
counted AS (
    SELECT
        series_id,
        moment,
        {{step}} AS step,
        CASE WHEN temporality IS DISTINCT FROM 'delta' AND goes_on THEN before_moment END AS before_moment
    FROM ordered
    WHERE
        epoch_ns(moment) >= $start_ns
        AND (
            temporality = 'delta'
            OR before_moment IS NOT NULL
            OR epoch_ns(start_time) >= $start_ns
        )
),
terms AS (
    SELECT series_id, moment, step, sum(sign) AS sign
    FROM (
        SELECT series_id, moment, step, 1 AS sign FROM counted
        UNION ALL
        SELECT series_id, before_moment, step, -1 FROM counted WHERE before_moment IS NOT NULL
    )
    GROUP BY ALL
    HAVING sum(sign) <> 0
),
wanted AS (
    SELECT points.*, terms.step, terms.sign, min(points.scale) OVER () AS coarsest
    FROM terms
    JOIN points USING (series_id, moment)
),
parts AS (
    SELECT
        grouped, step, coarsest, sign,
        NULL AS side,
        generate_subscripts(bucket_counts, 1) - 1 AS place,
        unnest(bucket_counts) AS counted,
        explicit_bounds,
        0 AS shift
    FROM wanted
    UNION ALL
    SELECT
        grouped, step, coarsest, sign, 1,
        generate_subscripts(positive_bucket_counts, 1) - 1 + positive_offset,
        unnest(positive_bucket_counts), NULL, scale - coarsest
    FROM wanted
    UNION ALL
    SELECT
        grouped, step, coarsest, sign, -1,
        generate_subscripts(negative_bucket_counts, 1) - 1 + negative_offset,
        unnest(negative_bucket_counts), NULL, scale - coarsest
    FROM wanted
    UNION ALL
    SELECT grouped, step, coarsest, sign, 0, 0, zero_count, NULL, 0
    FROM wanted
    WHERE zero_count IS NOT NULL
)
SELECT
    {{keys}}
    coarsest AS scale,
    side,
    CASE WHEN side IS NOT NULL THEN CAST(floor(place / power(2, shift)) AS BIGINT) END AS index,
    CASE WHEN side IS NULL THEN coalesce(explicit_bounds[place], '-Infinity') END AS lower,
    CASE WHEN side IS NULL THEN coalesce(explicit_bounds[place + 1], 'Infinity') END AS upper,
    sum(sign * CAST(counted AS DOUBLE)) AS counted
FROM parts
GROUP BY ALL
