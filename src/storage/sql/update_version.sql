UPDATE format SET version = ?
