//! Programs that come from elsewhere: ready ones through pip, and what happens where one is missing.

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::{Outcome, works, workspace};

/// Where pip puts the tools of `xtask/tools.txt`, whose hashes it checks.
const TOOLS: &str = "target/tools";

/// The program `name`: the one on PATH, else that of `xtask/tools.txt`, fetched if need be.
pub(crate) fn tool(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    if works(Command::new(name).arg("--version")) {
        return Ok(name.into());
    }
    let program = workspace()?.join(TOOLS).join("bin").join(name);
    if !program.exists() {
        let clients: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];
        let client = clients
            .into_iter()
            .find(|client| works(Command::new(client[0]).args(&client[1..]).arg("--version")))
            .ok_or_else(|| format!("there is no pip on this machine: install it, or put {name} on PATH"))?;
        let mut install = Command::new(client[0]);
        install.args(&client[1..]).args(["install", "--quiet", "--no-deps", "--only-binary=:all:"]);
        // What an older list left in the folder is replaced.
        install.args([
            "--upgrade",
            "--require-hashes",
            "--target",
            TOOLS,
            "--requirement",
            "xtask/tools.txt",
        ]);
        // A user who demands a virtual environment means their own packages, not a folder of this repository.
        install.env("PIP_REQUIRE_VIRTUALENV", "0").current_dir(workspace()?);
        if !install.status()?.success() || !program.exists() {
            return Err(format!("pip cannot install the tools of xtask/tools.txt: put {name} on PATH").into());
        }
    }
    Ok(program)
}

/// The outcome where `missing` keeps something from being checked: in CI (the variable `CI` is set) a failure, elsewhere
/// a line that says what it costs.
pub(crate) fn unchecked(missing: &str, cost: &str) -> Outcome {
    let line = format!("{missing}: {cost}");
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
        return Err(line.into());
    }
    eprintln!("left out: {line}");
    Ok(ExitCode::SUCCESS)
}
