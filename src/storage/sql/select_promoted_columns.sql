SELECT name, type FROM promoted_columns
