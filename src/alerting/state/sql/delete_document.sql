DELETE FROM documents WHERE kind = ? AND name = ?
