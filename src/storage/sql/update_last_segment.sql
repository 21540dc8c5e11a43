UPDATE files SET last_segment = ? WHERE id = ?
