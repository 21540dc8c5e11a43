-- A run: points of a period that follow each other with one layout. The increase within it is the
-- sum of its points, each taken `weight` times: for delta all of them; else those before a reset and
-- the last, less the first.
CREATE OR REPLACE TEMP TABLE runs AS
WITH placed AS (
    SELECT
        *,
        period_start(instant, $period_s) AS time,
        NOT coalesce(
            is_same_layout AND previous_instant >= period_start(instant, $period_s), false
        ) AS begins_run
    FROM histograms
    WHERE histogram IS NOT NULL
)
SELECT
    *,
    sum(CAST(begins_run AS INTEGER)) OVER within AS run,
    CASE
        WHEN temporality = 'delta' THEN 1
        ELSE CAST(coalesce(lead(begins_run OR is_reset) OVER within, true) AS INTEGER)
            - CAST(begins_run AS INTEGER)
    END AS weight
FROM placed
WINDOW within AS (PARTITION BY series_id, time ORDER BY instant)
