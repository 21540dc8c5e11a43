INSERT INTO transitions (fingerprint, at_ns) VALUES (?, ?)
