-- Times are milliseconds since 1970. A column `record` or `state` has a version and then postcard (record/mod.rs).

CREATE TABLE registration (
    endpoint TEXT PRIMARY KEY,
    id BLOB NOT NULL,
    record BLOB NOT NULL
) STRICT;

-- What operators want observed. It outlives the registration.
CREATE TABLE wanted (
    endpoint TEXT NOT NULL,
    target BLOB NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (endpoint, target)
) STRICT, WITHOUT ROWID;

-- What clients have accepted.
CREATE TABLE active (
    token BLOB PRIMARY KEY,
    record BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE label (
    endpoint TEXT PRIMARY KEY,
    name TEXT,
    tags BLOB NOT NULL,
    notes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE config (
    endpoint TEXT PRIMARY KEY,
    awake_s INTEGER
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT remembers the highest id that was ever there (sqlite_sequence).
CREATE TABLE command (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint TEXT NOT NULL,
    author TEXT NOT NULL,
    force INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    timeout_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    over INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

CREATE INDEX command_of ON command (endpoint, over, id);

-- Beside the command, so that a state does not write a long payload again.
CREATE TABLE command_operation (
    id INTEGER PRIMARY KEY,
    record BLOB NOT NULL
) STRICT;

-- What operators have changed. It outlives the clients.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    what TEXT NOT NULL,
    endpoint TEXT,
    details TEXT NOT NULL
) STRICT;

CREATE INDEX audit_of ON audit (endpoint, id);
