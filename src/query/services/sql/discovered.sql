-- Who sent the spans: a row for each set of what a resource says of its service.
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
    min(coalesce(start_time, received_time)) AS first_seen,
    max(coalesce(start_time, received_time)) AS last_seen
FROM spans
GROUP BY ALL
ORDER BY last_seen, first_seen
