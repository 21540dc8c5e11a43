DELETE FROM reported_alerts WHERE fingerprint = ?
