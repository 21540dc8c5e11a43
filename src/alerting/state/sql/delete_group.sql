DELETE FROM rule_groups WHERE file = ? AND name = ?
