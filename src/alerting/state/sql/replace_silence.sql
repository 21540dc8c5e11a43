REPLACE INTO silences (id, silence) VALUES (?, ?)
