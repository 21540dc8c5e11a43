SELECT count(*) AS record_count
FROM logs
WHERE {{condition}}
