-- Faces that are looked for, whoever a person says to be.

-- What a face is for. blocklist_fpir is the rate of false alarms at which it is looked up when it comes; NULL where it is
-- not. sealed_extra is NULL where the dialect keeps nothing with it.
ALTER TABLE enrollments ADD COLUMN purpose TEXT NOT NULL DEFAULT 'reference';
ALTER TABLE enrollments ADD COLUMN blocklist_fpir REAL;
ALTER TABLE enrollments ADD COLUMN sealed_extra BLOB;
DROP INDEX enrollments_one_at_a_time;
CREATE UNIQUE INDEX enrollments_one_at_a_time ON enrollments (tenant, subject, purpose) WHERE state <> 'failed';
-- In the order in which a gallery is filled.
CREATE INDEX enrollments_of_blocklist ON enrollments (tenant, created_at, id)
    WHERE purpose = 'blocklist' AND state = 'enrolled';

ALTER TABLE verifications ADD COLUMN demanded_fpir REAL;
-- A verification that asks for the blocklist alone has no enrollment: the column becomes one that may be NULL. Not by a
-- table made anew, since dropping the old one would take what refers to it for orphans.
ALTER TABLE verifications ADD COLUMN compared_with TEXT;
UPDATE verifications SET compared_with = enrollment;
ALTER TABLE verifications DROP COLUMN enrollment;
ALTER TABLE verifications RENAME COLUMN compared_with TO enrollment;

-- What happened to the blocklist of a tenant, for those who hold it in memory. Kept in the transaction of the change
-- itself; AUTOINCREMENT, so that a reader who stands at a number misses nothing. An enrollment is named by its random id
-- alone, also after it is gone: that is how others learn that its face has to go.
CREATE TABLE gallery_changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL REFERENCES tenants (id),
    enrollment TEXT NOT NULL,
    is_removed INTEGER NOT NULL
);
CREATE INDEX gallery_changes_by_tenant ON gallery_changes (tenant, sequence);
