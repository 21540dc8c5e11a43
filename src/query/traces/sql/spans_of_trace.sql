SELECT * FROM spans WHERE trace_id = $trace_id
