SELECT * FROM logs WHERE trace_id = $trace_id
