REPLACE INTO posted_alerts (fingerprint, alert) VALUES (?, ?)
