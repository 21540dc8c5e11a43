-- Calls as far as these rows alone tell, by all that an edge tells apart, with their keys and times.
-- `pair`: call and answer, at most $reach_ns apart. `alone`: needs no other side. `call`, `answer`:
-- no row here is the other side. `unclear`: what is paired depends on the range that is asked for.
-- `step`: the last one, up to $last_step, at which its trace is looked at.
-- The outer SELECT is there because DuckDB forgets a WITH that stands in parentheses after another
-- one.
SELECT * FROM (WITH {{sides}},

met AS (
    SELECT
        CASE
            WHEN answers.call IS NULL THEN 'call'
            WHEN calls.call IS NULL THEN 'answer'
            WHEN abs(calls.time_ns - answers.time_ns) > $reach_ns THEN 'unclear'
            WHEN answers.by_link AND NOT calls.is_message THEN 'unclear'
            ELSE 'pair'
        END AS what,
        {{step}} AS step,
        coalesce(calls.call, answers.call) AS call,
        coalesce(calls.time_ns, answers.time_ns) AS time_ns,
        calls.service_name AS client,
        coalesce(answers.service_name, calls.peer) AS server,
        CASE
            WHEN calls.is_message OR answers.is_message THEN 'messaging_system'
            WHEN answers.call IS NULL THEN 'virtual_node'
            ELSE ''
        END AS connection_type,
        CASE WHEN answers.call IS NULL THEN 'server' ELSE '' END AS virtual_side,
        calls.bucket AS client_bucket,
        answers.bucket AS server_bucket,
        coalesce(calls.failed, false) OR coalesce(answers.failed, false) AS failed,
        CASE
            WHEN answers.of_one_trace THEN greatest(calls.weight, answers.weight)
            ELSE coalesce(calls.weight, 1) * coalesce(answers.weight, 1)
        END AS weight,
        coalesce(answers.by_link, false) AS by_link,
        coalesce(answers.of_one_trace, true) AS of_one_trace
    FROM calls
    FULL JOIN answers ON answers.call = calls.call
)

SELECT
    * EXCLUDE (call, time_ns),
    count(*) AS span_count,
    list(call) AS keys,
    list(time_ns) FILTER ($timed OR what IN ('call', 'answer')) AS times
FROM met
GROUP BY ALL
UNION ALL BY NAME
SELECT
    'alone' AS what,
    *,
    false AS by_link,
    true AS of_one_trace
FROM ({{alone}}))
