-- Rows of span_rollups (docs/format.md) from those of hot.spans. A time beyond the last that
-- DuckDB counts for finite is the last there is. The bucket is that of an exponential histogram
-- of scale 5.
SELECT
    make_timestamp_ns(
        coalesce(epoch_ns(coalesce(start_time, received_time)), 9223372036854775807)
        // 60000000000 * 60000000000
    ) AS minute,
    service_name,
    name,
    kind,
    status_code,
    parent_span_id IS NULL AS is_root,
    CAST(
        CASE
            WHEN duration_ns > 1 THEN ceil(log2(duration_ns) * 32) - 1
            WHEN duration_ns IS NOT NULL THEN -1
        END AS INTEGER
    ) AS bucket,
    count(*) AS count,
    CAST(
        greatest(
            least(coalesce(sum(duration_ns), 0), 9223372036854775807), -9223372036854775808
        ) AS BIGINT
    ) AS duration_sum_ns,
    sum(
        CASE
            WHEN trace_state IS NULL THEN 1.0::DOUBLE
            -- 2^56 spans for each 2^56 - T: T is the sampling threshold, of 14 hex digits.
            ELSE coalesce(
                72057594037927936::DOUBLE / (
                    72057594037927936 - CAST(
                        '0x' || rpad(
                            nullif(
                                regexp_extract(
                                    trace_state,
                                    '(?:^|,)[ \t]*ot=(?:[^,;]*;)*th:([0-9a-f]{1,14})[ \t]*(?:[;,]|$)',
                                    1
                                ),
                                ''
                            ),
                            14,
                            '0'
                        ) AS BIGINT
                    )
                ),
                1
            )
        END
    ) AS adjusted_count,
    max(received_time) AS received_time
FROM hot.spans
GROUP BY ALL
