SELECT name, text FROM documents WHERE kind = ? ORDER BY name
