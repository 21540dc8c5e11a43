DELETE FROM posted_alerts WHERE fingerprint = ?
