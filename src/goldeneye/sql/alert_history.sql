-- Changes of alerts, newest first, after one of them.
SELECT * EXCLUDE (time, received_time), epoch_ns(time) AS time
FROM alert_events
WHERE
    {{chosen}}
    AND ($states IS NULL OR list_contains($states, after))
    AND ($alert_id IS NULL OR alert_id = $alert_id)
    AND (epoch_ns(time), alert_id, rule, coalesce(rule_group, ''), after, reason)
    < ($after_time, $after_alert_id, $after_rule, $after_rule_group, $after_after, $after_reason)
ORDER BY
    epoch_ns(time) DESC,
    alert_id DESC,
    rule DESC,
    coalesce(rule_group, '') DESC,
    after DESC,
    reason DESC
LIMIT $most
