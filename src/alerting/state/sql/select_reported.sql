SELECT fingerprint, line FROM reported_alerts
