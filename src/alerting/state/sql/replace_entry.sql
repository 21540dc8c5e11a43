REPLACE INTO notification_log (group_key, integration, entry, expires_at_ns) VALUES (?, ?, ?, ?)
