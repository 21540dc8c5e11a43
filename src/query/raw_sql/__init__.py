"""POST /api/v1/sql: one statement that reads, written by the user."""
