-- Keys, each sealed under the one above it, and the people who were erased. A file of its own, so that a backup of the
-- data can leave it out: an old copy of a subject's key would undo an erasure.

CREATE TABLE tenant_keys (
    tenant TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);

CREATE TABLE subject_keys (
    tenant TEXT NOT NULL REFERENCES tenant_keys (tenant),
    subject TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (tenant, subject)
);

CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
);

-- rows_gone_at: when the rows were deleted; NULL after an interruption, which the next start makes good.
CREATE TABLE tombstones (
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    erased_at INTEGER NOT NULL,
    rows_gone_at INTEGER,
    PRIMARY KEY (tenant, subject)
);
