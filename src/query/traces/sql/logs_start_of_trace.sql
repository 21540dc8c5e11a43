-- The earliest ones, of more than a trace is shown with.
SELECT * FROM logs WHERE trace_id = $trace_id ORDER BY time LIMIT $limit
