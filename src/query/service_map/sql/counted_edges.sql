-- Calls with what answered them, by edge and buckets of duration: parts of a WITH, the last of which
-- is counted. Counts of disjoint ranges add up.
-- Sides are joined by a 64-bit hash of the ids: of a million calls, a pair that is none comes
-- once in ten million maps.
calls AS (
    SELECT
        service_name,
        {{minute}}
        kind = 'producer' AS is_message,
        {{peer}} AS peer,
        hash(trace_id, span_id) AS call,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight
    FROM spans
    WHERE
        kind IN ('client', 'producer')
        AND service_name IS NOT NULL
        AND NOT {{is_database}}
        AND {{in_window}}
),

answers AS (
    SELECT
        service_name,
        kind = 'consumer' AS is_message,
        false AS by_link,
        true AS of_one_trace,
        hash(trace_id, parent_span_id) AS call,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight
    FROM spans
    WHERE
        kind IN ('server', 'consumer')
        AND service_name IS NOT NULL
        AND parent_span_id IS NOT NULL
    UNION ALL
    SELECT
        service_name,
        true AS is_message,
        true AS by_link,
        linked_trace_id = trace_id AS of_one_trace,
        hash(linked_trace_id, linked_span_id) AS call,
        bucket,
        failed,
        weight
    FROM (
        SELECT DISTINCT
            * EXCLUDE (link),
            link.trace_id AS linked_trace_id,
            link.span_id AS linked_span_id
        FROM (
            SELECT
                service_name,
                trace_id,
                span_id,
                parent_span_id,
                {{bucket}} AS bucket,
                coalesce(status_code = 'error', false) AS failed,
                {{adjusted_count}} AS weight,
                unnest(links) AS link
            FROM spans
            WHERE kind = 'consumer' AND service_name IS NOT NULL
        )
    )
    -- A link that says again what the parent says is no second message.
    WHERE
        linked_trace_id != trace_id
        OR linked_span_id IS DISTINCT FROM parent_span_id
),

paired AS (
    SELECT
        {{by_minute}}
        calls.service_name AS client,
        coalesce(answers.service_name, calls.peer) AS server,
        CASE
            WHEN calls.is_message OR answers.is_message THEN 'messaging_system'
            WHEN answers.service_name IS NULL THEN 'virtual_node'
            ELSE ''
        END AS connection_type,
        CASE WHEN answers.service_name IS NULL THEN 'server' ELSE '' END AS virtual_side,
        calls.bucket AS client_bucket,
        answers.bucket AS server_bucket,
        calls.failed OR coalesce(answers.failed, false) AS failed,
        CASE
            WHEN answers.weight IS NULL THEN calls.weight
            -- Of one trace both are kept where the scarcer one is; of two, each by its own chance.
            WHEN answers.of_one_trace THEN greatest(calls.weight, answers.weight)
            ELSE calls.weight * answers.weight
        END AS weight
    FROM calls
    LEFT JOIN answers
        ON answers.call = calls.call AND (calls.is_message OR NOT answers.by_link)
),

counted AS (
    SELECT
        {{by_minute}}
        client,
        server,
        connection_type,
        virtual_side,
        client_bucket,
        server_bucket,
        count(*) AS span_count,
        sum(weight) AS weight,
        coalesce(sum(weight) FILTER (failed), 0) AS failed
    FROM paired
    WHERE server IS NOT NULL
    GROUP BY ALL
    UNION ALL
    -- A database sends no span of its own: its side is what the client saw.
    SELECT
        {{by_minute}}
        client,
        server,
        'database' AS connection_type,
        'server' AS virtual_side,
        bucket AS client_bucket,
        bucket AS server_bucket,
        count(*) AS span_count,
        sum(weight) AS weight,
        coalesce(sum(weight) FILTER (failed), 0) AS failed
    FROM (
        SELECT
            {{minute}}
            service_name AS client,
            {{database}} AS server,
            {{bucket}} AS bucket,
            coalesce(status_code = 'error', false) AS failed,
            {{adjusted_count}} AS weight
        FROM spans
        WHERE
            kind IN ('client', 'producer')
            AND service_name IS NOT NULL
            AND {{is_database}}
            AND {{in_window}}
    )
    GROUP BY ALL
    UNION ALL
    SELECT
        {{by_minute}}
        coalesce(peer, 'user') AS client,
        server,
        CASE WHEN of_broker THEN 'messaging_system' ELSE 'virtual_node' END AS connection_type,
        'client' AS virtual_side,
        NULL AS client_bucket,
        bucket AS server_bucket,
        count(*) AS span_count,
        sum(weight) AS weight,
        coalesce(sum(weight) FILTER (failed), 0) AS failed
    FROM (
        SELECT
            {{minute}}
            {{caller}} AS peer,
            false AS of_broker,
            service_name AS server,
            {{bucket}} AS bucket,
            coalesce(status_code = 'error', false) AS failed,
            {{adjusted_count}} AS weight
        FROM spans
        WHERE
            kind = 'server'
            AND service_name IS NOT NULL
            AND parent_span_id IS NULL
            AND {{in_window}}
        UNION ALL
        -- Apart, so that links are read of the few consumers only.
        SELECT
            {{minute}}
            {{broker}} AS peer,
            {{broker}} IS NOT NULL AS of_broker,
            service_name AS server,
            {{bucket}} AS bucket,
            coalesce(status_code = 'error', false) AS failed,
            {{adjusted_count}} AS weight
        FROM spans
        WHERE
            kind = 'consumer'
            AND service_name IS NOT NULL
            AND parent_span_id IS NULL
            -- Somebody sent what is linked, even where that span is not seen.
            AND coalesce(len(links), 0) = 0
            AND {{in_window}}
    )
    GROUP BY ALL
)
