-- Requests that keys have used up, for as long as they are missed: when all of them are back, in microseconds since 1970.
CREATE TABLE requests (
    tenant TEXT NOT NULL REFERENCES tenants (id),
    key TEXT NOT NULL,
    bucket TEXT NOT NULL,
    full_at_micros INTEGER NOT NULL,
    PRIMARY KEY (key, bucket)
);
CREATE INDEX requests_by_time ON requests (full_at_micros);
