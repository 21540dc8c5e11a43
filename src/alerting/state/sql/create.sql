CREATE TABLE IF NOT EXISTS rule_groups (
    file TEXT NOT NULL,
    name TEXT NOT NULL,
    evaluated_at_ns INTEGER NOT NULL,
    rules TEXT NOT NULL,
    PRIMARY KEY (file, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS silences (
    id TEXT PRIMARY KEY,
    silence TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notification_log (
    group_key TEXT NOT NULL,
    integration TEXT NOT NULL,
    entry TEXT NOT NULL,
    remembered TEXT NOT NULL,
    expires_at_ns INTEGER NOT NULL,
    PRIMARY KEY (group_key, integration)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS posted_alerts (
    fingerprint TEXT PRIMARY KEY,
    alert TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS acknowledgements (
    fingerprint TEXT PRIMARY KEY,
    acknowledgement TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
-- Alerts of others whose beginning was told, and whose end was not.
CREATE TABLE IF NOT EXISTS reported_alerts (
    fingerprint TEXT PRIMARY KEY,
    line TEXT NOT NULL
) WITHOUT ROWID;
-- When alerts began to fire and ceased, of the last hour.
CREATE TABLE IF NOT EXISTS transitions (
    fingerprint TEXT NOT NULL,
    at_ns INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS transitions_by_time ON transitions (at_ns);
CREATE TABLE IF NOT EXISTS deliveries (
    integration TEXT PRIMARY KEY,
    line TEXT NOT NULL
) WITHOUT ROWID;
-- Rows of the lake's tables that may not be there yet.
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    lake_table TEXT NOT NULL,
    line TEXT NOT NULL
);
-- What was received before is counted in the minutes of all SLOs.
CREATE TABLE IF NOT EXISTS slo_since (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    since_ns INTEGER NOT NULL
);
