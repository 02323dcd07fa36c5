-- Verifications that ask for a spoken token: how sure one has to be that it was said, and the token itself, sealed.
ALTER TABLE verifications ADD COLUMN demanded_precision TEXT;
ALTER TABLE verifications ADD COLUMN sealed_token BLOB;
