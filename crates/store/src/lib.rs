//! What is kept: rows, encrypted photos, jobs and events, on one machine.
//!
//! Rows lie in a database file, photos in encrypted files beside it, keys in a database of their own. Each key is
//! sealed under the one above it: master key, tenant key, subject key. Deleting a subject's key erases the person,
//! whatever copies of rows and files there are.
//!
//! Everything that belongs together is written in one [`Tx`]. This crate knows no rule: it keeps what `domain` says.

mod artifacts;
mod attempts;
mod audit;
mod backup;
mod badges;
mod blobs;
mod blocklist;
mod captures;
mod clients;
mod database;
mod deliveries;
mod digest;
mod enrollments;
mod erase;
mod error;
mod events;
mod files;
mod hooks;
mod identities;
mod jobs;
mod judgements;
mod keyring;
mod keys;
mod lease;
mod manifest;
mod master_key;
mod otp_messages;
mod otps;
mod page;
mod rekey;
mod requests;
mod restore;
mod row;
mod scans;
mod seal;
mod session_images;
mod session_pages;
mod sessions;
mod settings;
mod sign_ins;
mod store;
mod subjects;
mod tenants;
mod token_families;
mod tombstones;
mod transactions;
mod tx;
mod uploads;
mod usage;
mod users;
mod verifications;
mod watchlists;
mod words;
mod writer;

pub use artifacts::Artifact;
pub use attempts::Attempter;
pub use audit::{AuditEntry, AuditFilter};
pub use backup::BackupReport;
pub use badges::{Badge, BadgeKey};
pub use blocklist::{FacePlace, GalleryChange, SealedFaces};
pub use captures::Capture;
pub use clients::Client;
pub use deliveries::{DeliveryLease, Replay};
pub use digest::Digest;
pub use erase::Erased;
pub use error::{Result, StoreError};
pub use hooks::Subscription;
pub use identities::NewIdentity;
pub use jobs::{DeadJob, Job};
pub use lease::Lease;
pub use master_key::MasterKey;
pub use otp_messages::OtpMessage;
pub use otps::{KeptOtp, OtpsTo};
pub use page::Page;
pub use rekey::Rekeyed;
pub use restore::{RestoreReport, restore};
pub use scans::ScanRow;
pub use seal::Secret;
pub use session_images::{SessionFace, SessionImage};
pub use session_pages::SessionPage;
pub use sessions::{NewSession, SameDocument};
pub use sign_ins::SignInBy;
pub use store::Store;
pub use subjects::Subject;
pub use tenants::Tenant;
pub use transactions::Transaction;
pub use tx::Tx;
pub use users::{NewUser, User};
pub use watchlists::{ClearedHit, EntryPlace, LoadedList};
pub use words::JobKind;
