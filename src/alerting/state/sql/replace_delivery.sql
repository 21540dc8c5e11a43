REPLACE INTO deliveries (integration, line) VALUES (?, ?)
