//! What is kept: rows, encrypted photos, jobs and events, on one machine.
//!
//! Rows lie in a database file, photos in encrypted files beside it, keys in a database of their own. Each key is
//! sealed under the one above it: master key, tenant key, subject key. Deleting a subject's key erases the person,
//! whatever copies of rows and files there are.
//!
//! Everything that belongs together is written in one [`Tx`]. This crate knows no rule: it keeps what `domain` says.

mod artifacts;
mod audit;
mod backup;
mod blobs;
mod clients;
mod database;
mod digest;
mod enrollments;
mod erase;
mod error;
mod events;
mod files;
mod jobs;
mod judgements;
mod keyring;
mod keys;
mod lease;
mod manifest;
mod master_key;
mod page;
mod restore;
mod row;
mod seal;
mod settings;
mod store;
mod subjects;
mod tenants;
mod tombstones;
mod tx;
mod uploads;
mod users;
mod verifications;
mod words;

pub use artifacts::Artifact;
pub use audit::AuditEntry;
pub use backup::BackupReport;
pub use clients::Client;
pub use digest::Digest;
pub use erase::Erased;
pub use error::{Result, StoreError};
pub use jobs::{DeadJob, Job};
pub use lease::Lease;
pub use master_key::MasterKey;
pub use page::Page;
pub use restore::{RestoreReport, restore};
pub use seal::Secret;
pub use store::Store;
pub use subjects::Subject;
pub use tenants::Tenant;
pub use tx::Tx;
pub use users::{NewUser, User};
pub use words::JobKind;
