-- Whether a live person is in front of a camera, and the badge that says so.

-- A tenant whose subscription is not paid: its keys are known and open nothing.
ALTER TABLE tenants ADD COLUMN suspended_at INTEGER;
-- Days for which the pictures of a capture are kept; 0 keeps none.
ALTER TABLE tenants ADD COLUMN evidence_days INTEGER NOT NULL DEFAULT 0;

ALTER TABLE verifications ADD COLUMN demands_presence INTEGER NOT NULL DEFAULT 0;
CREATE INDEX verifications_capturing ON verifications (tenant, origin, deadline) WHERE state = 'capturing';

-- The hosted page of a verification: the browser that opened it first, as a keyed hash, and what its person agreed to.
CREATE TABLE captures (
    verification TEXT NOT NULL PRIMARY KEY REFERENCES verifications (id),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    browser TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    sealed_consent BLOB,
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX captures_by_subject ON captures (tenant, subject);

-- One go at the challenge. sealed_record holds what was drawn, what came and what was measured; no picture.
CREATE TABLE scans (
    id TEXT NOT NULL PRIMARY KEY,
    verification TEXT NOT NULL REFERENCES captures (verification),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    sealed_record BLOB NOT NULL,
    UNIQUE (verification, number),
    CHECK ((state = 'running') = (ended_at IS NULL)),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX scans_by_subject ON scans (tenant, subject);

-- Keyed hashes of frames, by which a recording that is played again is found. Not the frames.
CREATE TABLE frame_marks (
    tenant TEXT NOT NULL,
    mark TEXT NOT NULL,
    scan TEXT NOT NULL REFERENCES scans (id),
    at INTEGER NOT NULL,
    PRIMARY KEY (tenant, mark, scan)
) WITHOUT ROWID;
CREATE INDEX frame_marks_by_scan ON frame_marks (scan);
CREATE INDEX frame_marks_by_time ON frame_marks (at);

-- No reference to subjects and none to verifications: that a badge does not count any more stays known when the person
-- is erased. subject is NULL then.
CREATE TABLE badges (
    verification TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    subject TEXT,
    is_demo INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    claimed_at INTEGER,
    revoked_at INTEGER
);
CREATE INDEX badges_by_subject ON badges (tenant, subject) WHERE subject IS NOT NULL;

-- Public halves; the private ones are secrets of the key ring, by their number. The newest one signs.
CREATE TABLE badge_keys (
    number INTEGER NOT NULL PRIMARY KEY,
    kid TEXT NOT NULL UNIQUE,
    public_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
