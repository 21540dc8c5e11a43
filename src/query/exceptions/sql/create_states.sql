CREATE TABLE IF NOT EXISTS exception_states (
    fingerprint TEXT PRIMARY KEY,
    decision TEXT NOT NULL CHECK (decision IN ('resolved', 'ignored')),
    decided_ns INTEGER NOT NULL,
    versions TEXT NOT NULL
) STRICT
