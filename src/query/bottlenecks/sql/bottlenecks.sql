-- What lies on the critical paths of requests to one entry point.
WITH entries AS (
    SELECT
        trace_id,
        -- Of several in a trace: one without a parent first, then the earliest, then the longest.
        min(
            {
                'has_parent': parent_span_id IS NOT NULL,
                'start_time': start_time,
                'shortness': epoch_ns(start_time) - epoch_ns(end_time),
                'span_id': span_id
            }
        ) AS entry
    FROM {{spans}}
    WHERE trace_id IS NOT NULL
        AND span_id IS NOT NULL
        AND end_time >= start_time
        AND (parent_span_id IS NULL OR kind IN ('server', 'consumer'))
        AND {{entry}}
    GROUP BY trace_id
),

chosen AS (
    SELECT trace_id, entry.span_id AS entry_span_id
    FROM entries
    ORDER BY md5(trace_id), trace_id
    LIMIT {{max_traces}}
),

walks AS (
    SELECT
        trace_id,
        walk.operations AS operations,
        walk.root.span_id AS span_id,
        epoch_ns(walk.root.start_time) AS start_ns,
        epoch_ns(walk.root.end_time) - epoch_ns(walk.root.start_time) AS duration_ns
    FROM (
        SELECT
            trace_id,
            critical_path_operations(
                list(
                    {
                        'span_id': span_id,
                        'parent_span_id': parent_span_id,
                        'service_name': service_name,
                        'name': name,
                        'kind': kind,
                        'start_time': start_time,
                        'end_time': end_time,
                        'is_error': CAST(status_code = 'error' AS TINYINT)
                    }
                ),
                any_value(entry_span_id),
                {{tolerance}}
            ) AS walk
        FROM {{spans}}
        INNER JOIN chosen USING (trace_id)
        GROUP BY trace_id
    )
),

ranked AS (
    SELECT
        *,
        row_number() OVER (ORDER BY duration_ns DESC, trace_id) AS place,
        -- Paths without any time have no shares.
        count_if(duration_ns > 0) OVER () AS timed,
        ceil(0.01 * count_if(duration_ns > 0) OVER ()) AS slowest
    FROM walks
),

pieces AS (
    SELECT *, piece.exclusive_ns / duration_ns AS share
    FROM (
        SELECT
            trace_id,
            duration_ns,
            timed,
            slowest,
            place <= slowest AS is_slow,
            unnest(operations) AS piece
        FROM ranked
    )
),

bottlenecks AS (
    SELECT
        piece.service_name AS service_name,
        piece.name AS name,
        -- In order, so that the last digit is the same each time.
        fsum(share ORDER BY share) / any_value(timed) AS share,
        coalesce(fsum(share ORDER BY share) FILTER (is_slow), 0)
            / any_value(slowest) AS share_slowest,
        CAST(least(sum(piece.exclusive_ns), 9223372036854775807) AS BIGINT) AS exclusive_ns,
        sum(piece.exclusive_ns) / any_value(timed) AS mean_exclusive_ns,
        CAST(least(sum(piece.saved_ns), 9223372036854775807) AS BIGINT) AS saved_ns,
        sum(piece.saved_ns) / any_value(timed) AS mean_saved_ns,
        CAST(sum(piece.count) AS BIGINT) AS count,
        CAST(sum(piece.error_count) AS BIGINT) AS error_count,
        count(*) AS trace_count,
        max_by(
            trace_id, {'exclusive_ns': piece.exclusive_ns, 'trace_id': trace_id}
        ) AS example_trace_id
    FROM pieces
    GROUP BY ALL
)

{{answer}}
