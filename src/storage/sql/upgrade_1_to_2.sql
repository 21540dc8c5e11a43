-- Version 2 knows of each file the last segment that it has rows of, and its checksum.
CREATE TABLE files_2 (
    id TEXT PRIMARY KEY,
    "table" TEXT NOT NULL,
    tenant TEXT NOT NULL,
    day INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    min_time_ns INTEGER NOT NULL,
    max_time_ns INTEGER NOT NULL,
    column_set INTEGER NOT NULL REFERENCES column_sets (id),
    strays TEXT NOT NULL,
    promotion TEXT NOT NULL,
    max_received_ns INTEGER NOT NULL,
    removed_ns INTEGER,
    last_segment INTEGER NOT NULL,
    crc32 INTEGER
);

-- A flush named its files after their segment. Merged files (m…) say theirs themselves; where one
-- does not any more, it is at most the greatest that has become files.
INSERT INTO files_2
SELECT
    files.*,
    CASE
        WHEN id LIKE 'm%' THEN coalesce((SELECT max(number) FROM segments), 0)
        ELSE CAST(substr(id, 1, 12) AS INTEGER)
    END,
    NULL
FROM files
ORDER BY rowid;

DROP TABLE files;
ALTER TABLE files_2 RENAME TO files;
