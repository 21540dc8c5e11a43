"""What differs between spans and others of their kind: GET /api/v1/compare."""
