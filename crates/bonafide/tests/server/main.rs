//! The server as its users meet it: the real program, real photos, HTTP. Photos and models are those that
//! `cargo xtask test` fetches.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod actors;
mod backend;
mod blocklist;
#[expect(dead_code, reason = "the tests of the decoder use the rest")]
#[path = "../clips/mod.rs"]
mod clips;
mod docs;
mod documents;
mod enrollments;
mod filmed;
mod harness;
mod isolation;
mod kill;
mod limits;
mod mosaic;
mod mosaic_page;
mod mosaic_scan;
mod operations;
mod receiver;
mod rekey;
mod scan;
mod speech;
mod truelens;
mod uploads;
mod validations;
mod vlens;
mod vlens_authorities;
mod vlens_cards;
mod vlens_kill;
mod walk;
mod webhooks;
