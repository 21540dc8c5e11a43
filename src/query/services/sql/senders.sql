-- Who sent the spans: a row for each set of what a resource says of its service. Of more than
-- these the latest: then an id is no id of an instance.
SELECT
    piece,
    service_name,
    {{language}} AS language,
    {{version}} AS version,
    {{instance}} AS instance,
    {{namespace}} AS namespace,
    {{environment}} AS environment,
    min(first_ns) AS first_ns,
    max(last_ns) AS last_ns
FROM (
    SELECT
        piece,
        service_name,
        {{columns}},
        coalesce(epoch_ns(min(coalesce(start_time, received_time))), 0) AS first_ns,
        coalesce(epoch_ns(max(coalesce(start_time, received_time))), 9223372036854775807) AS last_ns
    FROM spans
    GROUP BY ALL
)
GROUP BY ALL
ORDER BY last_ns DESC
LIMIT 20000
