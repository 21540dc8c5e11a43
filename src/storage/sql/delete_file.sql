DELETE FROM files WHERE id = ?
