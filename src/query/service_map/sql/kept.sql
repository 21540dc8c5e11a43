-- The spans of the traces that are looked at, read once: they are few. A part of a WITH.
-- OFFSET keeps out what DuckDB would filter by instead, of which it reads every column.
kept AS MATERIALIZED (
    SELECT * EXCLUDE (links)
    FROM spans
    WHERE {{in_sample}}
    OFFSET 0
),
