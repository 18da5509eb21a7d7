-- What devices connect with, a row for each version. A column `sealed` is encrypted by the server; the store has no key.
CREATE TABLE credential (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint TEXT NOT NULL,
    version INTEGER NOT NULL,
    -- psk, rpk or x509
    mode TEXT NOT NULL,
    -- of a PSK
    identity TEXT,
    key_bytes INTEGER,
    -- SubjectPublicKeyInfo or certificate, DER
    public BLOB,
    sealed BLOB,
    note TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    retire_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;

-- Keys of the server itself.
CREATE TABLE server_secret (
    name TEXT PRIMARY KEY,
    public BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- DTLS sessions that go on after a restart.
CREATE TABLE session (
    id INTEGER PRIMARY KEY,
    credential INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- No session gets a number up to this one any more.
CREATE TABLE session_number (
    only INTEGER PRIMARY KEY CHECK (only = 0),
    reserved INTEGER NOT NULL
) STRICT;
