SELECT count(*) AS points
FROM metric_points
WHERE {{condition}}
