-- Which of some traces have a matching span that starts at an instant or later.
SELECT DISTINCT trace_id
FROM spans
WHERE trace_id IN (SELECT unnest($trace_ids))
    AND coalesce(start_time, received_time) >= make_timestamp_ns($from_ns)
    AND {{matching}}
