SELECT fingerprint, count(*) FROM transitions WHERE at_ns > ? GROUP BY fingerprint
