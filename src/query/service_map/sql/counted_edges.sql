-- Calls with what answered them, by edge and buckets of duration: parts of a WITH, the last of which
-- is counted. Counts of disjoint ranges add up.
{{sides}},

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
    SELECT
        {{by_minute}}
        client,
        server,
        connection_type,
        virtual_side,
        client_bucket,
        server_bucket,
        CAST(sum(span_count) AS BIGINT) AS span_count,
        sum(weight * span_count) AS weight,
        coalesce(sum(weight * span_count) FILTER (failed), 0) AS failed
    FROM ({{alone}})
    GROUP BY ALL
)
