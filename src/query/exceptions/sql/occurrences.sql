-- Exceptions: events of spans, and log records that tell of one. A record that tells what an event
-- of its own span tells is that event. `shape` is what is left of the stack trace, or else of the
-- message, without numbers: those are lines, addresses and ids.
SELECT
    *,
    regexp_replace(
        coalesce(exception_stacktrace, exception_message, ''),
        '0x[0-9a-fA-F]+|[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}|[0-9]+',
        '#',
        'g'
    ) AS shape,
    exception_stacktrace IS NOT NULL AS has_stack
FROM (
    WITH raised AS (
        SELECT
            coalesce(event.time, start_time, received_time) AS time,
            trace_id,
            span_id,
            service_name,
            version,
            environment,
            name AS span_name,
            event.attributes ->> 'exception.type' AS exception_type,
            event.attributes ->> 'exception.message' AS exception_message,
            event.attributes ->> 'exception.stacktrace' AS exception_stacktrace,
            weight
        FROM (
            SELECT
                start_time,
                received_time,
                trace_id,
                span_id,
                service_name,
                resource_attributes ->> 'service.version' AS version,
                coalesce(
                    resource_attributes ->> 'deployment.environment.name',
                    resource_attributes ->> 'deployment.environment'
                ) AS environment,
                name,
                {{adjusted_count}} AS weight,
                unnest(events) AS event
            FROM spans
            WHERE len(events) > 0 AND {{spans}}
        )
        WHERE event.name = 'exception'
    ),

    logged AS (
        SELECT
            time,
            trace_id,
            span_id,
            service_name,
            resource_attributes ->> 'service.version' AS version,
            coalesce(
                resource_attributes ->> 'deployment.environment.name',
                resource_attributes ->> 'deployment.environment'
            ) AS environment,
            CAST(NULL AS VARCHAR) AS span_name,
            attributes ->> 'exception.type' AS exception_type,
            coalesce(attributes ->> 'exception.message', body_text) AS exception_message,
            attributes ->> 'exception.stacktrace' AS exception_stacktrace,
            1.0::DOUBLE AS weight
        FROM logs
        WHERE (
                attributes ->> 'exception.type' IS NOT NULL
                OR attributes ->> 'exception.stacktrace' IS NOT NULL
                OR attributes ->> 'exception.message' IS NOT NULL
            )
            AND {{logs}}
    )

    SELECT 'span' AS source, * FROM raised
    UNION ALL
    SELECT 'log', *
    FROM logged
    WHERE NOT EXISTS (
        FROM raised
        WHERE raised.trace_id = logged.trace_id
            AND raised.span_id = logged.span_id
            AND raised.exception_type IS NOT DISTINCT FROM logged.exception_type
    )
)
