-- Traces with a part that starts within the bounds and has a matching span, slowest first: nothing
-- starts before its part does. A part that begins before and reaches into them may have one, too.
SELECT
    trace_id,
    epoch_ns(max(end_time)) - epoch_ns(min(start_time)) AS duration_ns,
    bool_or(start_time >= make_timestamp_ns($from_ns) AND {{matching}}) AS is_sure
FROM trace_parts
GROUP BY trace_id
HAVING bool_or(coalesce(greatest(start_time, end_time) >= make_timestamp_ns($from_ns), true) AND {{matching}})
    AND (duration_ns < $below_ns OR duration_ns = $below_ns AND trace_id > $after_id)
ORDER BY duration_ns DESC, trace_id
LIMIT $count
