($rule IS NULL OR rule = $rule)
AND ($rule_group IS NULL OR rule_group = $rule_group)
AND ($service_name IS NULL OR service_name = $service_name)
AND ($severity IS NULL OR severity = $severity)
AND {{matchers}}
