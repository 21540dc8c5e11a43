-- The earliest ones, where there are more than asked for.
SELECT * FROM spans WHERE trace_id = $trace_id ORDER BY start_time, span_id LIMIT $limit
