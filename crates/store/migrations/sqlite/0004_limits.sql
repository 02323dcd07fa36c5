-- What limits count.

-- Verifications of a tenant, month by month; the month as 2026-11, in UTC.
CREATE TABLE usage (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    month TEXT NOT NULL,
    verifications INTEGER NOT NULL,
    PRIMARY KEY (tenant, month)
);

-- Attempts to be verified, of whom and from where, for as long as they count. address_index is a keyed hash.
-- declined_at is NULL until the evidence has spoken against the person.
CREATE TABLE attempts (
    verification TEXT NOT NULL PRIMARY KEY REFERENCES verifications (id),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    device TEXT,
    address_index TEXT,
    opened_at INTEGER NOT NULL,
    declined_at INTEGER,
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX attempts_by_subject ON attempts (tenant, subject);
CREATE INDEX attempts_by_device ON attempts (tenant, device) WHERE device IS NOT NULL;
CREATE INDEX attempts_by_address ON attempts (tenant, address_index) WHERE address_index IS NOT NULL;
CREATE INDEX attempts_by_time ON attempts (opened_at);
