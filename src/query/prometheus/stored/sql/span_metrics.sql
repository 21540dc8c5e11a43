-- Spans by who sent them, minute and bucket. Of sampled ones the durations count as often as they.
SELECT
    service_name,
    name,
    kind,
    status_code,
    epoch_ns(minute) // 60000000000 AS minute,
    {{bucket}} AS bucket,
    sum(adjusted_count) AS count,
    sum(duration_sum_ns * adjusted_count / count) AS duration_sum_ns
FROM span_rollups
WHERE {{condition}}
GROUP BY ALL
