md5(concat_ws(
    chr(31), body, severity_number, severity_text, trace_id, span_id, event_name, observed_time,
    flags, service_name, scope_name, scope_version,
    -- Members change places where a key gets a column of its own.
    list_sort(string_split(trim(CAST(attributes AS VARCHAR), '{}'), ',')),
    list_sort(string_split(trim(CAST(resource_attributes AS VARCHAR), '{}'), ','))
))
