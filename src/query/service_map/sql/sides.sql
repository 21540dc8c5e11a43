-- Both sides of calls that are no databases: parts of a WITH.
-- They are paired by 64 bits of hashes of the ids: of a million calls in traces of a hundred, a pair
-- that is none comes once in a million maps.
{{kept}}
calls AS (
    SELECT
        service_name,
        {{time}}
        kind = 'producer' AS is_message,
        {{peer}} AS peer,
        {{key}} AS call,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight
    FROM {{spans}}
    WHERE
        kind IN ('client', 'producer')
        AND service_name IS NOT NULL
        AND NOT {{is_database}}
        AND {{in_window}}
),

answers AS (
    SELECT
        service_name,
        {{answered}}
        kind = 'consumer' AS is_message,
        false AS by_link,
        true AS of_one_trace,
        {{parent_key}} AS call,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight
    FROM {{spans}}
    WHERE
        kind IN ('server', 'consumer')
        AND service_name IS NOT NULL
        AND parent_span_id IS NOT NULL
    UNION ALL BY NAME
    SELECT
        * EXCLUDE (trace_id, parent_span_id, link),
        true AS is_message,
        true AS by_link,
        link.trace_id = trace_id AS of_one_trace,
        {{link_key}} AS call
    FROM (
        SELECT
            service_name,
            {{answered}}
            trace_id,
            parent_span_id,
            {{bucket}} AS bucket,
            coalesce(status_code = 'error', false) AS failed,
            {{adjusted_count}} AS weight,
            unnest(list_distinct([
                {'trace_id': one.trace_id, 'span_id': one.span_id} FOR one IN links
            ])) AS link
        FROM spans
        WHERE kind = 'consumer' AND service_name IS NOT NULL
    )
    -- A link that says again what the parent says is no second message.
    WHERE
        {{link_in_sample}}
        AND (link.trace_id != trace_id OR link.span_id IS DISTINCT FROM parent_span_id)
)
