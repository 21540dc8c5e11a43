INSERT OR IGNORE INTO column_sets (columns) VALUES (?)
