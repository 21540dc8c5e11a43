"""Prometheus remote write, 1.0 and 2.0, as OTLP: pure functions from a body to a body."""
