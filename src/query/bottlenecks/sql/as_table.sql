SELECT * FROM bottlenecks ORDER BY share DESC, service_name, name
