-- Sessions in which a document and its holder are looked at.

-- A client that may open sessions which only act as if.
ALTER TABLE clients ADD COLUMN is_sandbox INTEGER NOT NULL DEFAULT 0;

-- When a person is erased by itself; NULL for somebody who stays until somebody says otherwise.
ALTER TABLE subjects ADD COLUMN erase_after INTEGER;
CREATE INDEX subjects_to_erase ON subjects (erase_after) WHERE erase_after IS NOT NULL;

-- start_token is a keyed hash, gone once it was used. identity_index and person_index are keyed hashes of the document's
-- country and number and of the tenant's own word for the person, by which the same ones are found again.
CREATE TABLE document_sessions (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    origin TEXT NOT NULL,
    purpose TEXT NOT NULL,
    is_mock INTEGER NOT NULL,
    state TEXT NOT NULL,
    decision TEXT,
    front_image TEXT,
    back_image TEXT,
    selfie_image TEXT,
    front_kind TEXT,
    retakes_left INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    submitted_at INTEGER,
    ended_at INTEGER,
    start_token TEXT,
    identity_index TEXT,
    person_index TEXT,
    sealed_terms BLOB NOT NULL,
    sealed_judgement BLOB,
    CHECK ((state = 'concluded') = (decision IS NOT NULL)),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX document_sessions_by_subject ON document_sessions (tenant, subject);
CREATE INDEX document_sessions_by_identity ON document_sessions (tenant, identity_index)
    WHERE identity_index IS NOT NULL;
CREATE UNIQUE INDEX document_sessions_by_token ON document_sessions (start_token) WHERE start_token IS NOT NULL;

-- What was sent, taken or not, and what was cut from it (original is the image then). position is the order.
CREATE TABLE session_images (
    artifact TEXT NOT NULL PRIMARY KEY REFERENCES artifacts (id),
    session TEXT NOT NULL REFERENCES document_sessions (id),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    is_rejected INTEGER NOT NULL,
    original TEXT,
    sealed_note BLOB NOT NULL,
    UNIQUE (session, position),
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX session_images_by_subject ON session_images (tenant, subject);

-- The face of a session that was concluded, to be found again among later ones.
CREATE TABLE session_faces (
    session TEXT NOT NULL PRIMARY KEY REFERENCES document_sessions (id),
    tenant TEXT NOT NULL,
    subject TEXT NOT NULL,
    sealed_face BLOB NOT NULL,
    FOREIGN KEY (tenant, subject) REFERENCES subjects (tenant, id)
);
CREATE INDEX session_faces_by_tenant ON session_faces (tenant, session);
CREATE INDEX session_faces_by_subject ON session_faces (tenant, subject);
