//! `npm pack`: packages of the npm registry, with scripts off.

use std::path::Path;
use std::process::Command;

use super::{Finder, Workplace, answers};
use crate::manifest::Package;

/// `npm`, if it answers.
pub(super) fn find(finder: &Finder, staging: &Path) -> Option<Command> {
    let program = finder.find("npm")?;
    answers(Command::new(&program), staging).then(|| Command::new(&program))
}

/// Completes `command` to the download of `package`.
pub(super) fn pack(command: &mut Command, package: &Package, place: &Workplace) {
    command.arg("pack").arg(format!("{}@{}", package.name, package.version));
    command.args(["--ignore-scripts", "--no-update-notifier"]);
    // By default npm waits for more than a minute before it says that there is no network.
    command.args([
        "--fetch-retries",
        "2",
        "--fetch-retry-mintimeout",
        "1000",
        "--fetch-retry-maxtimeout",
        "5000",
    ]);
    command.arg("--pack-destination").arg(&place.out);
    // Its own cache would keep a second copy; in the staging folder it also shows how far the download is.
    command.arg("--cache").arg(&place.scratch);
}
