CAST(
    CASE
        WHEN duration_ns > 1 THEN ceil(log2(duration_ns) * 32) - 1
        WHEN duration_ns IS NOT NULL THEN -1
    END AS INTEGER
)
