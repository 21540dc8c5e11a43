-- The earliest ones, where there are more than asked for.
SELECT * FROM logs WHERE trace_id = $trace_id ORDER BY time LIMIT $limit
