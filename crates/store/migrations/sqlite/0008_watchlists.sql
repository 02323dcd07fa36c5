-- Lists of sanctioned people and organisations in which names are looked up.

-- One row a list. Lists are public: their entries are not sealed.
CREATE TABLE watchlists (
    source TEXT NOT NULL PRIMARY KEY,
    entries INTEGER NOT NULL,
    loaded_at INTEGER NOT NULL
);

-- entry is a document.
CREATE TABLE watchlist_entries (
    source TEXT NOT NULL REFERENCES watchlists (source),
    position INTEGER NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (source, position)
);

-- Rises with every change of any list, in the transaction of the change, for those who hold them in memory.
CREATE TABLE watchlist_changes (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL
);
INSERT INTO watchlist_changes (id, sequence) VALUES (1, 0);

-- Hits of which a tenant has found that they are somebody else. person is a keyed digest of who was looked up, entry one of
-- what the list said then: an entry that has changed is a hit again.
CREATE TABLE cleared_hits (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    person TEXT NOT NULL,
    source TEXT NOT NULL,
    case_no TEXT NOT NULL,
    entry TEXT NOT NULL,
    cleared_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, person, source, case_no)
);
