"""The route of Prometheus's remote write."""
