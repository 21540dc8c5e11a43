REPLACE INTO reported_alerts (fingerprint, line) VALUES (?, ?)
