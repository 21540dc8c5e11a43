SELECT epoch_ns(time) AS time, rule, rule_group, alert_id, before, after, reason
FROM alert_events
WHERE time >= make_timestamp_ns($since_ns)
