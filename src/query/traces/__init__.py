"""GET /api/v1/traces: traces found, and one trace whole."""
