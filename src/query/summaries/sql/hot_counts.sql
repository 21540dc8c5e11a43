-- What rollup_counts.sql would find in the rollups of hot spans, and which of them are of a range.
SELECT
    piece,
    at_ns // 60000000000 AS unit,
    at_ns >= $first_ns AND at_ns < $before_ns AS is_within,
    service_name,
    {{is_entry}} AS is_entry,
    bucket,
    count(*) AS span_count,
    count(*) FILTER (status_code = 'error') AS error_count,
    sum(adjusted_count) AS adjusted_count,
    coalesce(sum(adjusted_count) FILTER (status_code = 'error'), 0) AS adjusted_error_count
FROM (
    SELECT
        piece,
        coalesce(epoch_ns(coalesce(start_time, received_time)), 9223372036854775807) AS at_ns,
        service_name,
        kind,
        status_code,
        parent_span_id IS NULL AS is_root,
        {{bucket}} AS bucket,
        {{adjusted_count}} AS adjusted_count
    FROM spans
)
GROUP BY ALL
ORDER BY piece, unit
