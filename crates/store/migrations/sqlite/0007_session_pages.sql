-- The pages on which people capture a session: that of its start token, and perhaps one to which it was handed over, as to
-- a phone. token is a keyed hash of what stands in the page's address, browser one of the cookie of whoever opened it;
-- NULL until somebody does. presence is the live capture whose frame is to be the selfie.
CREATE TABLE session_pages (
    token TEXT NOT NULL PRIMARY KEY,
    session TEXT NOT NULL REFERENCES document_sessions (id),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    is_hand_over INTEGER NOT NULL,
    browser TEXT,
    presence TEXT REFERENCES verifications (id),
    UNIQUE (session, is_hand_over),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX session_pages_by_subject ON session_pages (tenant, subject);
