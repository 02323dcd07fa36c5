-- Which master key seals the ring, by an id that says nothing about the key, and since when; NULL before the first
-- rotation.
CREATE TABLE master (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    key_id TEXT NOT NULL,
    since INTEGER
);
