-- What operators write, and what is kept for them. A column `content` is JSON, as the server writes it.
CREATE TABLE document (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    saved_at INTEGER NOT NULL,
    author TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

-- Documents of a client go with it.
CREATE INDEX document_key ON document (key);

-- How many there are, so that none has to be counted.
CREATE TABLE document_kind (
    kind TEXT PRIMARY KEY,
    documents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER document_added AFTER INSERT ON document BEGIN
    INSERT INTO document_kind (kind, documents) VALUES (NEW.kind, 1)
        ON CONFLICT DO UPDATE SET documents = documents + 1;
END;

CREATE TRIGGER document_removed AFTER DELETE ON document BEGIN
    UPDATE document_kind SET documents = documents - 1 WHERE kind = OLD.kind;
END;
