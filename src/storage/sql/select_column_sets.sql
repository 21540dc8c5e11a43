SELECT id, columns FROM column_sets
