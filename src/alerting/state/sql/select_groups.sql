SELECT file, name, evaluated_at_ns, rules FROM rule_groups ORDER BY file, name
