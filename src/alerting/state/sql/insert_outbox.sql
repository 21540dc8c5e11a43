INSERT INTO outbox (lake_table, line) VALUES (?, ?)
