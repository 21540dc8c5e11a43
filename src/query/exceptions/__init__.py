"""Exceptions of spans and log records, grouped by what they are: /api/v1/errors."""
