-- Who sent the spans: a row for each set of what a resource says of its service. Of more than
-- these the latest: then an id is no id of an instance.
SELECT
    service_name,
    resource_attributes->>'telemetry.sdk.language' AS language,
    resource_attributes->>'service.version' AS version,
    resource_attributes->>'service.instance.id' AS instance,
    resource_attributes->>'service.namespace' AS namespace,
    coalesce(
        resource_attributes->>'deployment.environment.name',
        resource_attributes->>'deployment.environment'
    ) AS environment,
    coalesce(epoch_ns(min(coalesce(start_time, received_time))), 0) AS first_ns,
    coalesce(epoch_ns(max(coalesce(start_time, received_time))), 9223372036854775807) AS last_ns
FROM spans
GROUP BY ALL
ORDER BY last_ns DESC
LIMIT 20000
