REPLACE INTO notification_log (group_key, integration, entry, remembered, expires_at_ns)
VALUES (?, ?, ?, ?, ?)
