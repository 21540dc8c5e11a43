REPLACE INTO slo_since (only, since_ns) VALUES (1, ?)
