SELECT
    id, "table", tenant, day, hour, row_count, size_bytes, min_time_ns, max_time_ns, column_set,
    strays, promotion, max_received_ns, last_segment, crc32
FROM files
WHERE (removed_ns IS NOT NULL) = ?
ORDER BY rowid
