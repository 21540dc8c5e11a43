INSERT INTO promoted_columns VALUES (?, ?)
