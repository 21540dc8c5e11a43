-- Deliveries, newest first, after one of them.
SELECT * EXCLUDE (time, received_time), epoch_ns(time) AS time
FROM notifications
WHERE
    ($receiver IS NULL OR receiver = $receiver)
    AND ($integration IS NULL OR integration = $integration)
    AND ($status IS NULL OR status = $status)
    AND ($alert_id IS NULL OR list_contains(alert_ids, $alert_id))
    AND (epoch_ns(time), integration, group_key, status)
    < ($after_time, $after_integration, $after_group_key, $after_status)
ORDER BY epoch_ns(time) DESC, integration DESC, group_key DESC, status DESC
LIMIT $most
