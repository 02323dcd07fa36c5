//! `cargo xtask browser`: Debian's Chromium and its chromedriver, in which the hosted page is tested. And `cargo xtask
//! screenshots`, which looks at it there.

use std::path::Path;
use std::process::{Command, ExitCode};

use assets::{Fetch, Group, Store};

use crate::test::Lines;
use crate::tools::unchecked;
use crate::{Outcome, cargo, exit_code, works};

/// What is installed, and what that takes (Debian 12, 2026-11-21).
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];
const SIZE: &str = "110 MB to fetch and 350 MB on the disk, on a bare system 200 MB and 730 MB";

const COST: &str = "the hosted page is not tested in a browser";

pub(crate) fn run() -> Outcome {
    match bring() {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(missing) => unchecked(&missing, COST),
    }
}

/// Whether the tests find what they drive.
pub(crate) fn is_there() -> bool {
    ["chromium", "chromedriver"].iter().all(|program| works(Command::new(program).arg("--version")))
}

/// Installs the browser where it is not there, or tells what is missing.
fn bring() -> Result<(), String> {
    if is_there() {
        return Ok(());
    }
    let packages = PACKAGES.join(" and ");
    let missing =
        |why| format!("there is no Chromium with chromedriver, and {why} (Debian: {packages}; {SIZE})");
    if !works(Command::new("apt-get").arg("--version")) {
        return Err(missing("no apt-get to install it"));
    }
    let apt_get: &[&str] = if works(Command::new("sh").args(["-c", "test $(id -u) = 0"])) {
        &["apt-get"]
    } else if works(Command::new("sudo").args(["-n", "true"])) {
        &["sudo", "-n", "apt-get"]
    } else {
        return Err(missing("only root can install it"));
    };
    eprintln!("installing {packages} ({SIZE})");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(apt_get[0]);
        command.args(&apt_get[1..]).args(arguments).args(["--quiet=2", "--yes"]);
        command.status().is_ok_and(|status| status.success())
    };
    let install = [&["install", "--no-install-recommends"][..], &PACKAGES].concat();
    if run(&["update"]) && run(&install) && is_there() {
        Ok(())
    } else {
        Err(missing("apt-get cannot install it"))
    }
}

/// Pictures of the hosted page's screens into `folder`.
pub(crate) fn screenshots(folder: &Path) -> Outcome {
    bring()?;
    Store::open(None, Fetch::Allowed)?.pull(&[Group::Face, Group::Document, Group::Test], &Lines)?;
    std::fs::create_dir_all(folder)?;
    let mut test = cargo(&["test", "--locked", "--package", "bonafide", "--test", "browser", "--"])?;
    test.args(["--ignored", "screenshots_of_every_screen"]);
    exit_code(test.env("SCREENSHOTS", folder.canonicalize()?))
}
