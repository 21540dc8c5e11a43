DELETE FROM transitions WHERE at_ns <= ?
