SELECT
    make_timestamp_ns(epoch_ns(time) // $step_ns * $step_ns) AS time,
    count(*) AS count,
    sum(weight) AS adjusted_count
FROM ({{occurrences}})
WHERE exception_type IS NOT DISTINCT FROM $type AND list_contains($shapes, shape)
GROUP BY 1
ORDER BY 1
