SELECT epoch_ns(time) AS time, integration, group_key, status
FROM notifications
WHERE time >= make_timestamp_ns($since_ns)
