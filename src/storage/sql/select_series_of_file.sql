SELECT day, ids, checks FROM series WHERE file = ?
