SELECT max(epoch_ns(end_time)) AS end_ns
FROM spans
WHERE (parent_span_id IS NULL OR kind IN ('server', 'consumer')) AND {{entry}}
