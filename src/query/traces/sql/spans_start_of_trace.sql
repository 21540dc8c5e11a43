-- The earliest ones, of more than a trace is shown with.
SELECT * FROM spans WHERE trace_id = $trace_id ORDER BY start_time, span_id LIMIT $limit
