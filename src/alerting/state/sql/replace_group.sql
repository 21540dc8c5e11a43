REPLACE INTO rule_groups (file, name, evaluated_at_ns, rules) VALUES (?, ?, ?, ?)
