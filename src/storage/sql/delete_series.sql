DELETE FROM series WHERE file = ?
