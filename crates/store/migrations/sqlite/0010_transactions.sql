-- By what the callers of an API know sessions whose ids they choose themselves. identity is who is signed in and owns it,
-- and owner their subject; both NULL where it is owned by whoever holds a key of the tenant. linked_at is when it was
-- given to an identity after it had been opened with a key alone.
CREATE TABLE transactions (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    session TEXT NOT NULL UNIQUE REFERENCES document_sessions (id),
    subject TEXT NOT NULL,
    identity TEXT REFERENCES identities (id),
    owner TEXT,
    linked_at INTEGER,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((identity IS NULL) = (owner IS NULL)),
    CHECK (linked_at IS NULL OR identity IS NOT NULL),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, owner) REFERENCES subjects (tenant, id)
);
CREATE INDEX transactions_by_subject ON transactions (tenant, subject);
CREATE INDEX transactions_by_owner ON transactions (tenant, owner) WHERE owner IS NOT NULL;
CREATE INDEX transactions_by_identity ON transactions (identity) WHERE identity IS NOT NULL;
