"""What the alert engine knows, on disk: one SQLite file, durable with each transaction."""
