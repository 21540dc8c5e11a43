CREATE OR REPLACE TEMP TABLE series AS
SELECT series_id, any_value(type) AS type, any_value(temporality) AS temporality
FROM read_parquet($series, hive_partitioning = false, union_by_name = true)
WHERE day = CAST($day AS DATE) AND series_id BETWEEN $low AND $high
GROUP BY series_id
