-- Ids are 32 hexadecimal digits, times are milliseconds since 1970 (UTC), columns named sealed_* are encrypted.
--
-- What belongs to a person refers to subjects without a cascade: erasing a person deletes table by table, and a table
-- that was forgotten makes the last delete fail instead of keeping the row.

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    similarity_floor_fmr REAL NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
);

CREATE TABLE tenant_origins (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    position INTEGER NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (tenant, position)
);
CREATE INDEX tenant_origins_by_origin ON tenant_origins (origin);

-- A key may be made for a person of whom nothing else is known yet: no reference to subjects.
CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    permissions TEXT NOT NULL,
    subject TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
);
CREATE INDEX keys_by_tenant ON keys (tenant, created_at);
CREATE INDEX keys_by_subject ON keys (tenant, subject) WHERE subject IS NOT NULL;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name_index TEXT NOT NULL,
    sealed_name BLOB NOT NULL,
    password_hash TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
);
-- A revoked user's name is free again.
CREATE UNIQUE INDEX users_by_name ON users (tenant, name_index) WHERE revoked_at IS NULL;

CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
);
CREATE INDEX clients_by_tenant ON clients (tenant, created_at);

CREATE TABLE settings (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    origin TEXT NOT NULL,
    name TEXT NOT NULL,
    sealed_value BLOB NOT NULL,
    PRIMARY KEY (tenant, origin, name)
);

CREATE TABLE subjects (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    reference_index TEXT NOT NULL,
    sealed_reference BLOB NOT NULL,
    sealed_profile BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (tenant, reference_index),
    UNIQUE (tenant, id)
);
CREATE INDEX subjects_by_time ON subjects (tenant, created_at, id);

CREATE TABLE enrollments (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    origin TEXT NOT NULL,
    confirmation TEXT NOT NULL,
    state TEXT NOT NULL,
    failure TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK ((state = 'failed') = (failure IS NOT NULL)),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX enrollments_one_at_a_time ON enrollments (tenant, subject) WHERE state <> 'failed';
CREATE INDEX enrollments_by_time ON enrollments (tenant, created_at, id);
CREATE INDEX enrollments_by_subject ON enrollments (tenant, subject, created_at, id);

-- Template and quality of a reference face, in the words of the engine.
CREATE TABLE reference_faces (
    enrollment TEXT NOT NULL PRIMARY KEY REFERENCES enrollments (id),
    sealed_face BLOB NOT NULL
);

-- The enrollment is plain text: it may be deleted, the verification stays.
CREATE TABLE verifications (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    enrollment TEXT NOT NULL,
    origin TEXT NOT NULL,
    demanded_similarity REAL,
    demands_liveness INTEGER NOT NULL,
    state TEXT NOT NULL,
    decision TEXT,
    retry_of TEXT,
    attempts_remaining INTEGER NOT NULL,
    retry_ttl_ms INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    submitted_at INTEGER,
    ended_at INTEGER,
    sealed_extra BLOB NOT NULL,
    CHECK (decision IS NULL OR state = 'concluded'),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX verifications_one_follows ON verifications (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX verifications_by_time ON verifications (tenant, created_at, id);
CREATE INDEX verifications_by_subject ON verifications (tenant, subject, created_at, id);

CREATE TABLE judgements (
    verification TEXT NOT NULL PRIMARY KEY REFERENCES verifications (id),
    policy TEXT NOT NULL,
    decision TEXT,
    template_model TEXT NOT NULL,
    template_preprocessing TEXT NOT NULL,
    template_calibration TEXT NOT NULL,
    models TEXT NOT NULL,
    sealed_evidence BLOB NOT NULL,
    at INTEGER NOT NULL
);

CREATE TABLE judgement_checks (
    verification TEXT NOT NULL REFERENCES judgements (verification),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (verification, position)
);

CREATE TABLE artifacts (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    about_kind TEXT NOT NULL,
    about_id TEXT NOT NULL,
    role TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delete_after INTEGER,
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX artifacts_by_about ON artifacts (about_kind, about_id);
CREATE INDEX artifacts_by_subject ON artifacts (tenant, subject);
CREATE INDEX artifacts_due ON artifacts (delete_after) WHERE delete_after IS NOT NULL;

-- Keyed digest of the upload that was accepted for an enrollment or a verification.
CREATE TABLE uploads (
    about_kind TEXT NOT NULL,
    about_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (about_kind, about_id)
);

-- The outbox. AUTOINCREMENT: a number is never given twice, so that a reader who stands at one misses nothing.
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    origin TEXT NOT NULL,
    kind TEXT NOT NULL,
    about_kind TEXT NOT NULL,
    about_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX events_by_about ON events (about_kind, about_id);
CREATE INDEX events_by_subject ON events (tenant, subject);

CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    about_kind TEXT NOT NULL,
    about_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    error TEXT,
    lease_node TEXT,
    lease_token TEXT,
    leased_until INTEGER
);
CREATE INDEX jobs_by_time ON jobs (run_at, id);
CREATE INDEX jobs_by_about ON jobs (about_kind, about_id);

CREATE TABLE dead_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    about_kind TEXT NOT NULL,
    about_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    error TEXT NOT NULL,
    buried_at INTEGER NOT NULL
);
CREATE INDEX dead_jobs_by_about ON dead_jobs (about_kind, about_id);

-- No reference to tenants: what was done stays known.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    about TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX audit_by_tenant ON audit (tenant, sequence);

-- The row that the readiness probe writes.
CREATE TABLE write_check (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
);
