-- What became of the firings that began in the range. A firing goes on while nothing is known of its
-- alert (no_data, error); it ends where the alert is resolved, dropped, or has to wait anew.
WITH told AS (
    SELECT epoch_ns(time) AS at_ns, rule, rule_group, kind, alert_id, before, after, reason
    FROM alert_events
    WHERE {{chosen}}
),
changes AS (
    SELECT
        *,
        after = 'firing' AS begins,
        lead(at_ns) OVER (PARTITION BY rule, rule_group, alert_id ORDER BY at_ns) AS next_ns
    FROM told
    WHERE
        (after = 'firing' AND before IN ('inactive', 'pending', 'resolved'))
        OR (before <> after AND after IN ('inactive', 'resolved'))
        OR (before = 'firing' AND after = 'pending')
),
firings AS (
    SELECT
        changes.rule,
        changes.rule_group,
        changes.alert_id,
        changes.at_ns,
        any_value(changes.kind) AS kind,
        any_value(changes.next_ns) AS next_ns,
        min(told.at_ns) AS acknowledged_ns
    FROM changes
    LEFT JOIN
        told
        ON told.reason = 'acknowledged'
        AND told.rule = changes.rule
        AND told.rule_group IS NOT DISTINCT FROM changes.rule_group
        AND told.alert_id = changes.alert_id
        AND told.at_ns >= changes.at_ns
        AND (changes.next_ns IS NULL OR told.at_ns <= changes.next_ns)
    WHERE changes.begins AND changes.at_ns < $end_ns
    GROUP BY ALL
),
transitions AS (
    SELECT
        rule,
        rule_group,
        alert_id,
        count(*) OVER (
            PARTITION BY rule, rule_group, alert_id
            ORDER BY at_ns
            RANGE BETWEEN $flapping_window_ns - 1 PRECEDING AND CURRENT ROW
        ) AS within
    FROM told
    WHERE
        (before = 'firing') <> (after = 'firing')
        AND before NOT IN ('no_data', 'error')
        AND after NOT IN ('no_data', 'error')
        AND at_ns < $end_ns
),
flapped AS (
    SELECT rule, rule_group, count(DISTINCT alert_id) AS flapped
    FROM transitions
    WHERE within >= $flapping_transitions
    GROUP BY ALL
)
SELECT
    firings.rule,
    firings.rule_group,
    any_value(firings.kind) AS kind,
    count(*) AS fired,
    count(DISTINCT firings.alert_id) AS alerts,
    count(acknowledged_ns) AS acknowledged,
    count(next_ns) FILTER (acknowledged_ns IS NULL) AS resolved_by_itself,
    count(*) - count(next_ns) AS still_firing,
    coalesce(any_value(flapped.flapped), 0) AS flapped,
    avg(acknowledged_ns - at_ns) AS mean_time_to_acknowledge_ns,
    avg(next_ns - at_ns) AS mean_firing_duration_ns,
    max(at_ns) AS last_fired_time
FROM firings
LEFT JOIN
    flapped
    ON flapped.rule = firings.rule
    AND flapped.rule_group IS NOT DISTINCT FROM firings.rule_group
GROUP BY firings.rule, firings.rule_group
