SELECT series_id, list_distinct(flatten(list([one.quantile FOR one IN quantiles]))) AS bounds
FROM metric_points
WHERE {{condition}}
GROUP BY series_id
