SELECT minute AS time, service_name, name, kind, status_code, is_root, bucket, count, adjusted_count
FROM span_rollups
