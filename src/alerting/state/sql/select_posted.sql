SELECT alert FROM posted_alerts
