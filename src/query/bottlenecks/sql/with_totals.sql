SELECT
    totals.*,
    bottlenecks.*
FROM (
    SELECT
        (SELECT count(*) FROM entries) AS traces_total,
        count(*) AS traces_examined,
        list(
            {
                'trace_id': trace_id,
                'span_id': span_id,
                'start_ns': start_ns,
                'duration_ns': duration_ns
            }
            ORDER BY place
        ) FILTER (place <= $examples) AS examples
    FROM ranked
) AS totals
LEFT JOIN bottlenecks ON true
ORDER BY share DESC, service_name, name
