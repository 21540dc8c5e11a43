DELETE FROM notification_log WHERE expires_at_ns <= ?
