"""Which traces have a span like that: GET /api/v1/traces."""
