-- Verifications that ask for a document instead of a selfie: which kind, and who has to have issued it (NULL for any), the
-- pictures that came, and what was found on them, sealed.
ALTER TABLE verifications ADD COLUMN wanted_document TEXT;
ALTER TABLE verifications ADD COLUMN wanted_issuer TEXT;
ALTER TABLE verifications ADD COLUMN front_image TEXT;
ALTER TABLE verifications ADD COLUMN back_image TEXT;
ALTER TABLE verifications ADD COLUMN sealed_document BLOB;
