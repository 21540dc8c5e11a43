SELECT number, lake_table, line FROM outbox ORDER BY number LIMIT ?
