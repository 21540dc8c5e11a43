SELECT time
FROM logs
WHERE {{condition}}
ORDER BY time {{direction}}
LIMIT $limit
