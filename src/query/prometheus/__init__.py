"""Prometheus's HTTP API, over what came in as OTLP."""
