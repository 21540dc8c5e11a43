"""Percentiles of span durations, of numeric attributes and of metrics: exact, or from buckets."""
