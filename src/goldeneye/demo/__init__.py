"""A small shop whose services send real OpenTelemetry: something to look at from the start."""
