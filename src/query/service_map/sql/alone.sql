-- Spans that make an edge by themselves, counted by all that an edge tells apart.
-- A database sends no span of its own: its side is what the client saw.
SELECT
    * EXCLUDE (bucket),
    'database' AS connection_type,
    'server' AS virtual_side,
    bucket AS client_bucket,
    bucket AS server_bucket
FROM (
    SELECT
        {{time}}
        service_name AS client,
        {{database}} AS server,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight,
        {{times}}
        count(*) AS span_count
    FROM {{spans}}
    WHERE
        kind IN ('client', 'producer')
        AND service_name IS NOT NULL
        AND {{is_database}}
        AND {{in_window}}
    GROUP BY ALL
)
UNION ALL BY NAME
SELECT
    * EXCLUDE (bucket),
    'virtual_node' AS connection_type,
    'client' AS virtual_side,
    NULL AS client_bucket,
    bucket AS server_bucket
FROM (
    SELECT
        {{time}}
        coalesce({{caller}}, 'user') AS client,
        service_name AS server,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight,
        {{times}}
        count(*) AS span_count
    FROM {{spans}}
    WHERE
        kind = 'server'
        AND service_name IS NOT NULL
        AND parent_span_id IS NULL
        AND {{in_window}}
    GROUP BY ALL
)
UNION ALL BY NAME
-- Apart, so that links are read of the few consumers only.
SELECT
    * EXCLUDE (bucket, broker),
    coalesce(broker, 'user') AS client,
    CASE WHEN broker IS NULL THEN 'virtual_node' ELSE 'messaging_system' END AS connection_type,
    'client' AS virtual_side,
    NULL AS client_bucket,
    bucket AS server_bucket
FROM (
    SELECT
        {{time}}
        {{broker}} AS broker,
        service_name AS server,
        {{bucket}} AS bucket,
        coalesce(status_code = 'error', false) AS failed,
        {{adjusted_count}} AS weight,
        {{times}}
        count(*) AS span_count
    FROM spans
    WHERE
        kind = 'consumer'
        AND service_name IS NOT NULL
        AND parent_span_id IS NULL
        AND {{in_sample}}
        -- Somebody sent what is linked, even where that span is not seen.
        AND coalesce(len(links), 0) = 0
        AND {{in_window}}
    GROUP BY ALL
)
