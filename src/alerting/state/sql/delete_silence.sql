DELETE FROM silences WHERE id = ?
