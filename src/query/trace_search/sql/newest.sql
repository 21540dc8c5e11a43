-- Traces with a matching span that starts within the bounds, newest first. The start of a trace is
-- told by those of its parts that are within the tables' bounds: the true one may be earlier.
SELECT trace_id, epoch_ns(min(start_time)) AS start_ns
FROM trace_parts
WHERE trace_id IN (
    SELECT trace_id
    FROM spans
    WHERE coalesce(start_time, received_time) >= make_timestamp_ns($from_ns)
        AND {{matching}}
)
GROUP BY trace_id
HAVING start_ns < $before_ns OR start_ns = $before_ns AND trace_id > $after_id
ORDER BY start_ns DESC, trace_id
LIMIT $count
