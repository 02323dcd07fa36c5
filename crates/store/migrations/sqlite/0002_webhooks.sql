-- Who is told of events, and how far each telling is.

-- A hook is told of events with a number above since_sequence: neither of older ones, nor of those while it was
-- disabled. Topics and actions are JSON lists of words; an empty one stands for all.
CREATE TABLE hooks (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    style TEXT NOT NULL,
    name TEXT NOT NULL,
    topics TEXT NOT NULL,
    actions TEXT NOT NULL,
    since_sequence INTEGER NOT NULL,
    sealed_url BLOB NOT NULL,
    sealed_secrets BLOB NOT NULL,
    sealed_extra BLOB NOT NULL,
    disabled_why TEXT,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((disabled_why IS NULL) = (disabled_at IS NULL))
);
CREATE INDEX hooks_by_time ON hooks (tenant, created_at, id);

-- One event on its way to one hook. due_at is NULL for what has ended, and for what waits until the earlier events of
-- the same person to the same hook have ended.
CREATE TABLE deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    hook TEXT NOT NULL REFERENCES hooks (id),
    event TEXT NOT NULL REFERENCES events (id),
    sequence INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    status INTEGER,
    error TEXT,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    lease_node TEXT,
    lease_token TEXT,
    leased_until INTEGER,
    UNIQUE (hook, event),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK (due_at IS NULL OR state = 'pending'),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX deliveries_due ON deliveries (hook, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX deliveries_in_order ON deliveries (hook, subject, sequence) WHERE state = 'pending';
CREATE INDEX deliveries_by_time ON deliveries (tenant, created_at, id);
CREATE INDEX deliveries_by_subject ON deliveries (tenant, subject);
CREATE INDEX deliveries_by_event ON deliveries (event);
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE leased_until IS NOT NULL;

-- The number of the last event that was handed on. What happened before there were hooks is told to nobody.
CREATE TABLE relay (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL
);
INSERT INTO relay (id, sequence) SELECT 1, COALESCE(MAX(sequence), 0) FROM events;
