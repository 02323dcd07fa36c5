//! `cargo xtask clients`: the HTTP clients for which vendors write their examples, requests for Python and axios for
//! JavaScript, with which the tests ask the server as those examples do.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::tools::unchecked;
use crate::{Outcome, schemathesis, works, workspace};

/// Where npm puts its packages, beside the scripts that need them.
const FOLDER: &str = "target/clients";

const COST: &str = "whether clients written after the vendors' examples work is not tested";

/// The scripts, and what npm is told.
const FILES: [&str; 4] = ["vlens.py", "vlens.mjs", "package.json", "package-lock.json"];

pub(crate) fn run() -> Outcome {
    match bring() {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(missing) => unchecked(&missing, COST),
    }
}

/// Whether the tests find what they run.
pub(crate) fn is_there() -> bool {
    let found = |path: &str| workspace().is_ok_and(|root| root.join(path).exists());
    found(&format!("{FOLDER}/node_modules/axios/package.json"))
        && found(&format!("{FOLDER}/python"))
        && works(Command::new("node").arg("--version"))
}

/// Brings what is not there, or tells what is missing.
fn bring() -> Result<(), String> {
    let root = workspace().map_err(|error| error.to_string())?;
    // Its environment has requests, at a version that is written down.
    let tool = schemathesis::tool().map_err(|error| error.to_string())??;
    let folder = root.join(FOLDER);
    let lock = |at: &Path| fs::read_to_string(at.join("package-lock.json")).ok();
    let source = root.join("xtask/clients");
    let is_new = !is_there() || lock(&folder) != lock(&source);
    let unwritable = |error| format!("{FOLDER} cannot be written: {error}");
    fs::create_dir_all(&folder).map_err(unwritable)?;
    for file in FILES {
        fs::copy(source.join(file), folder.join(file)).map_err(unwritable)?;
    }
    let python = tool.with_file_name("python");
    fs::write(folder.join("python"), python.display().to_string()).map_err(unwritable)?;
    if !is_new {
        return Ok(());
    }
    for program in ["node", "npm"] {
        if !works(Command::new(program).arg("--version")) {
            return Err(format!("there is no {program} on PATH"));
        }
    }
    eprintln!("installing axios into {FOLDER}");
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]);
    if install.current_dir(&folder).status().is_ok_and(|status| status.success()) {
        Ok(())
    } else {
        Err("npm cannot install xtask/clients/package-lock.json".to_owned())
    }
}
