SELECT
    trace_id,
    start_time,
    end_time,
    -- The last time that there is has no number for DuckDB.
    CASE
        WHEN end_time >= start_time
            THEN coalesce(epoch_ns(end_time), 9223372036854775807)
                - coalesce(epoch_ns(start_time), 9223372036854775807)
    END AS duration_ns,
    root_service_name,
    root_name,
    span_count,
    error_count,
    services
FROM hot.combined_trace_parts
