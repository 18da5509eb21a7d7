-- Whom a credential is for: device_management or bootstrap.
ALTER TABLE credential ADD COLUMN server TEXT NOT NULL DEFAULT 'device_management';

-- The bootstrap session that it was made for.
ALTER TABLE credential ADD COLUMN made_in INTEGER;

-- What devices receive from the Bootstrap-Server. AUTOINCREMENT remembers the highest id that was ever there.
CREATE TABLE configuration (
    id INTEGER PRIMARY KEY AUTOINCREMENT
) STRICT;

-- A column `content` is JSON, as the server writes it.
CREATE TABLE configuration_version (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    author TEXT NOT NULL,
    content BLOB NOT NULL,
    sealed BLOB,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

-- What devices and the Bootstrap-Server have said to each other.
CREATE TABLE bootstrap (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    over INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE bootstrap_step (
    session INTEGER NOT NULL,
    number INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;
