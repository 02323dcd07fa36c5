//! The server around a dialect: without sockets, with sockets, and what it logs.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod common;
mod house;
mod log;
mod sockets;
mod tls;
