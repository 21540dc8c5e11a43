SELECT id FROM files WHERE id LIKE 'm%'
