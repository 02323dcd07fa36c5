-- People of a tenant who sign in themselves, the codes that they are sent, and who is signed in.

-- The last number that an identity of the tenant was given: none is given twice.
CREATE TABLE identity_numbers (
    tenant TEXT NOT NULL PRIMARY KEY REFERENCES tenants (id),
    last INTEGER NOT NULL
);

-- email_index is NULL until the address was shown to be the person's own.
CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    phone_index TEXT NOT NULL,
    email_index TEXT,
    sealed_account BLOB NOT NULL,
    verified_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (tenant, number),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE UNIQUE INDEX identities_by_phone ON identities (tenant, phone_index);
CREATE UNIQUE INDEX identities_by_email ON identities (tenant, email_index) WHERE email_index IS NOT NULL;
CREATE INDEX identities_by_subject ON identities (tenant, subject);

-- Devices that an identity signed in with. device_index is a keyed hash.
CREATE TABLE identity_devices (
    identity TEXT NOT NULL REFERENCES identities (id),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    device_index TEXT NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (identity, device_index),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX identity_devices_by_subject ON identity_devices (tenant, subject);

-- The tokens that follow from one signing in: of a user, or of an identity, whose subject stands beside it.
CREATE TABLE token_families (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    user TEXT REFERENCES users (id),
    identity TEXT REFERENCES identities (id),
    subject TEXT,
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    CHECK ((user IS NULL) <> (identity IS NULL)),
    CHECK ((identity IS NULL) = (subject IS NULL)),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX token_families_by_identity ON token_families (identity) WHERE identity IS NOT NULL;
CREATE INDEX token_families_by_subject ON token_families (tenant, subject) WHERE subject IS NOT NULL;
CREATE INDEX token_families_by_time ON token_families (expires_at);

-- Codes that were sent, as keyed hashes. contact_index and network_index are keyed hashes too: they are counted.
CREATE TABLE one_time_passwords (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    purpose TEXT NOT NULL,
    identity TEXT REFERENCES identities (id),
    subject TEXT,
    contact_index TEXT NOT NULL,
    network_index TEXT,
    code_hash BLOB NOT NULL,
    state TEXT NOT NULL,
    failures INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CHECK ((identity IS NULL) = (subject IS NULL)),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX one_time_passwords_by_contact ON one_time_passwords (tenant, contact_index, created_at);
CREATE INDEX one_time_passwords_by_network ON one_time_passwords (tenant, network_index, created_at);
CREATE INDEX one_time_passwords_by_subject ON one_time_passwords (tenant, subject) WHERE subject IS NOT NULL;
CREATE INDEX one_time_passwords_by_time ON one_time_passwords (created_at);

-- Codes on their way. A row lives no longer than its code. One that is_for_nobody is dropped instead of sent: it is there
-- so that asking for a code takes the same work whether there is somebody to send it to or not.
CREATE TABLE otp_messages (
    otp TEXT NOT NULL PRIMARY KEY REFERENCES one_time_passwords (id) ON DELETE CASCADE,
    tenant TEXT NOT NULL,
    sealed_message BLOB NOT NULL,
    is_for_nobody INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    leased_until INTEGER
);
CREATE INDEX otp_messages_due ON otp_messages (due_at);

-- Signing in that failed, or is not decided yet. Both are keyed hashes.
CREATE TABLE sign_in_attempts (
    id INTEGER NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    account_index TEXT NOT NULL,
    network_index TEXT,
    at INTEGER NOT NULL
);
CREATE INDEX sign_in_attempts_by_account ON sign_in_attempts (tenant, account_index, at);
CREATE INDEX sign_in_attempts_by_network ON sign_in_attempts (tenant, network_index, at);
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (at);
