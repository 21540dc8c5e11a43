SELECT {{labels}} count(*) AS record_count
FROM logs
WHERE {{condition}}
GROUP BY ALL
