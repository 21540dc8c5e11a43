REPLACE INTO documents (kind, name, text) VALUES (?, ?, ?)
