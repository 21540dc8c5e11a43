"""Who calls whom, with the edge rules of the OpenTelemetry servicegraph connector."""
