//! `pip download`: wheels, and for tests source packages.

use std::path::Path;
use std::process::Command;

use super::{Finder, Workplace, answers};
use crate::manifest::{Manager, Package};

/// Python version for which wheels are asked: the pinned ones are for that version or for any; no Python ever
/// loads them, so that the machine's own version does not matter.
const PYTHON_VERSION: &str = "3.11";

/// The first of `python3 -m pip`, `pip3` and `pip` that answers.
pub(super) fn find(finder: &Finder, staging: &Path) -> Option<Command> {
    let candidates: [(&str, &[&str]); 3] = [("python3", &["-m", "pip"]), ("pip3", &[]), ("pip", &[])];
    candidates.into_iter().find_map(|(program, arguments)| {
        let program = finder.find(program)?;
        let command = || {
            let mut command = Command::new(&program);
            command.args(arguments);
            command
        };
        answers(command(), staging).then(command)
    })
}

/// Completes `command` to the download of `package`.
///
/// pip runs the metadata step of a source package, that is its code: see [`Manager::PypiSdist`].
pub(super) fn download(command: &mut Command, package: &Package, place: &Workplace) {
    command.args(["download", "--no-deps", "--disable-pip-version-check", "--no-input", "--no-cache-dir"]);
    command.args(["--progress-bar", "off", "--retries", "2"]);
    if package.manager == Manager::PypiSdist {
        command.arg("--no-binary=:all:");
    } else {
        command.args(["--only-binary=:all:", "--python-version", PYTHON_VERSION]);
        command.args(["--platform", &package.platform]);
    }
    command.arg("--dest").arg(&place.out).arg(format!("{}=={}", package.name, package.version));
    // A user who demands a virtual environment means installations; this is a download. All other settings of
    // pip (index, proxy, certificates) are kept.
    command.env("PIP_REQUIRE_VIRTUALENV", "0");
    command.env("TMPDIR", &place.scratch);
}
