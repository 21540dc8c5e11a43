"""Aggregations: many series to few."""
