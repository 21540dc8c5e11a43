-- One value of each point: its own, or what it tells of the time since the point before it.
WITH points AS (
    SELECT
        series_id,
        coalesce(time, received_time) AS moment,
        start_time,
        temporality,
        coalesce(value, value_int) AS number,
        CAST(count AS DOUBLE) AS counted,
        sum AS total
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
        *,
        lag(moment) OVER series AS before_moment,
        CASE
            WHEN temporality IS DISTINCT FROM 'delta'
                AND NOT coalesce(start_time >= lag(moment) OVER series, false)
                AND coalesce(counted, number) >= lag(coalesce(counted, number)) OVER series
                THEN {'number': lag(number) OVER series, 'counted': lag(counted) OVER series,
                    'total': lag(total) OVER series}
        END AS before
    FROM points
    WINDOW series AS (PARTITION BY series_id ORDER BY moment)
),
-- Since when each counts; NULL where that is not known.
growing AS (
    SELECT
        series_id,
        moment,
        number,
        number - coalesce(before.number, 0) AS number_grown,
        counted - coalesce(before.counted, 0) AS counted_grown,
        total - coalesce(before.total, 0) AS total_grown,
        CASE
            WHEN before IS NULL AND start_time < moment
                AND (temporality = 'delta' OR epoch_ns(start_time) >= $start_ns)
                THEN start_time
            ELSE before_moment
        END AS since
    FROM ordered
    WHERE epoch_ns(moment) >= $start_ns
),
measured AS (
    SELECT series_id, moment, {{value}} AS value
    FROM growing
)
SELECT {{what}}
FROM measured
WHERE isfinite(value) {{where}}
