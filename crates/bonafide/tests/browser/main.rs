//! The hosted page in Debian's Chromium, against the real program. `cargo xtask test` brings the browser; where it
//! cannot, it leaves out what lies in `in_chromium`.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

#[path = "../server/actors.rs"]
mod actors;
#[path = "../server/backend.rs"]
#[expect(dead_code, reason = "what the tests over HTTP need")]
mod backend;
mod chromium;
#[path = "../server/harness.rs"]
#[expect(dead_code, reason = "what the tests over HTTP need")]
mod harness;
mod in_chromium;
mod visit;
