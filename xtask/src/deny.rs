//! `cargo xtask deny`: cargo-deny over the dependencies. To build it takes minutes, so that a ready program is fetched.

use std::process::Command;

use crate::tools::tool;
use crate::{Outcome, exit_code, workspace};

/// Advisories are left out: see deny.toml.
const CHECK: [&str; 5] = ["--locked", "check", "bans", "licenses", "sources"];

pub(crate) fn run() -> Outcome {
    exit_code(Command::new(tool("cargo-deny")?).args(CHECK).current_dir(workspace()?))
}
