INSERT INTO files VALUES (
    :id, :table, :tenant, :day, :hour, :row_count, :size_bytes, :min_time_ns, :max_time_ns,
    (SELECT id FROM column_sets WHERE columns = :columns),
    :strays,
    :promotion,
    :max_received_ns,
    NULL,
    :last_segment,
    :crc32
)
