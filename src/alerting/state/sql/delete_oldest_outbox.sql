DELETE FROM outbox WHERE number < (SELECT min(number) FROM outbox) + ?
