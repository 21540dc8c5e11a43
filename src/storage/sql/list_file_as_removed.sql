UPDATE files SET removed_ns = ? WHERE id = ?
