-- The catalog: which files exist, and what of the log they cover (docs/format.md).
CREATE TABLE format (version INTEGER NOT NULL);

CREATE TABLE column_sets (
    id INTEGER PRIMARY KEY,
    columns TEXT NOT NULL UNIQUE -- JSON: [[name, DuckDB type], …]
);

CREATE TABLE files (
    id TEXT PRIMARY KEY,
    "table" TEXT NOT NULL,
    tenant TEXT NOT NULL,
    day INTEGER NOT NULL,        -- days since the epoch
    hour INTEGER NOT NULL,       -- 0 to 23; 24: the whole day
    row_count INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    min_time_ns INTEGER NOT NULL,
    max_time_ns INTEGER NOT NULL,
    column_set INTEGER NOT NULL REFERENCES column_sets (id),
    strays TEXT NOT NULL,        -- JSON: [column, …]
    promotion TEXT NOT NULL,     -- as in the file's metadata
    max_received_ns INTEGER NOT NULL,
    removed_ns INTEGER,          -- listed as to be deleted since then
    last_segment INTEGER NOT NULL, -- of the log: the last one that it has rows of
    crc32 INTEGER                -- of all bytes; NULL: not known
);

-- Segments of the log that must not be replayed.
CREATE TABLE segments (
    number INTEGER PRIMARY KEY,
    fate TEXT NOT NULL CHECK (fate IN ('covered', 'quarantined'))
);

-- The identities of the series in a file: little-endian uint64 each, of equal length.
CREATE TABLE series (
    file TEXT NOT NULL REFERENCES files (id),
    tenant TEXT NOT NULL,
    day INTEGER NOT NULL,
    ids BLOB NOT NULL,
    checks BLOB NOT NULL         -- 0: unknown
);
CREATE INDEX series_by_day ON series (tenant, day);

CREATE TABLE promoted_columns (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL           -- DuckDB's
);

-- Bodies that a start found in the log: their senders may have lost the answer.
CREATE TABLE replayed_bodies (
    until_ns INTEGER NOT NULL,   -- Unix time
    hashes BLOB NOT NULL         -- 16 bytes each
);
