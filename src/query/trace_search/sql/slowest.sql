-- Traces with a matching span that starts within the bounds, slowest first, as far as their parts
-- within the tables' bounds tell.
SELECT trace_id, epoch_ns(max(end_time)) - epoch_ns(min(start_time)) AS duration_ns
FROM trace_parts
WHERE trace_id IN (
    SELECT trace_id
    FROM spans
    WHERE coalesce(start_time, received_time) >= make_timestamp_ns($from_ns)
        AND coalesce(start_time, received_time) < make_timestamp_ns($to_ns)
        AND {{matching}}
)
GROUP BY trace_id
HAVING duration_ns < $below_ns OR duration_ns = $below_ns AND trace_id > $after_id
ORDER BY duration_ns DESC, trace_id
LIMIT $count
