//! The store from outside: as the use cases call it, and as whoever steals the disk sees it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod access;
mod attempts;
mod backups;
mod blobs;
mod blocklist;
mod commits;
mod erasure;
mod fixture;
mod identities;
mod isolation;
mod jobs;
mod limits;
mod migrations;
mod opening;
mod scans;
mod sealing;
mod sessions;
mod subjects;
mod transactions;
mod watchlists;
mod webhooks;
