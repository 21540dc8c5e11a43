SELECT CAST(coalesce(sum(count), 0) AS BIGINT) AS span_count
FROM span_rollups
WHERE {{condition}}
