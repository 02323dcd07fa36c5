//! The machine's own package clients. No registry is named here: which one is asked, through which proxy and
//! with which certificates, is the business of the client's settings.

mod child;
mod npm;
mod pip;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{AssetError, Wanted};
use crate::manifest::{Manager, Package};
use crate::progress::Progress;

/// How long a client may take for one archive. The largest is 41 MB: this allows 23 kB a second.
const PATIENCE: Duration = Duration::from_mins(30);

/// Where programs are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Finder {
    search: OsString,
}

impl Finder {
    /// In the folders of the process's own `PATH`.
    pub(crate) fn from_environment() -> Self {
        Self { search: env::var_os("PATH").unwrap_or_default() }
    }

    /// In one folder only.
    #[cfg(test)]
    pub(crate) fn only(folder: &Path) -> Self {
        Self { search: folder.into() }
    }

    /// The first executable file of that name.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        env::split_paths(&self.search).map(|folder| folder.join(name)).find(|path| {
            fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
        })
    }
}

/// The folders of one run of a client, all inside the store's staging folder.
struct Workplace {
    /// Where the archive is to be saved.
    out: PathBuf,
    /// Everything else that the client writes.
    scratch: PathBuf,
}

/// Fetches the archive of `package` into `staging` and returns its path. Its hash is yet to be checked.
pub(crate) fn fetch(
    finder: &Finder,
    package: &Package,
    wanted: &Wanted,
    staging: &Path,
    progress: &dyn Progress,
) -> Result<PathBuf, AssetError> {
    let (short, found) = match package.manager {
        Manager::PypiWheel | Manager::PypiSdist => ("pip", pip::find(finder, staging)),
        Manager::Npm => ("npm", npm::find(finder, staging)),
    };
    let Some(mut command) = found else {
        return Err(AssetError::NoClient { wanted: Box::new(wanted.clone()), client: short });
    };
    let place = Workplace { out: staging.join("out"), scratch: staging.join("scratch") };
    for folder in [&place.out, &place.scratch] {
        fs::create_dir_all(folder).map_err(AssetError::io("create the folder", folder))?;
    }
    match package.manager {
        Manager::PypiWheel | Manager::PypiSdist => pip::download(&mut command, package, &place),
        Manager::Npm => npm::pack(&mut command, package, &place),
    }
    run(command, short, package, wanted, staging, progress)?;
    Ok(place.out.join(&package.archive))
}

fn run(
    mut command: Command,
    short: &str,
    package: &Package,
    wanted: &Wanted,
    staging: &Path,
    progress: &dyn Progress,
) -> Result<(), AssetError> {
    // In the user's folder Python would import modules that lie there, and npm would obey a project's settings.
    command.current_dir(staging);
    let log = staging.join("client.log");
    let tick = || progress.advance(bytes_under(staging).min(package.size));
    let failed = |said: String| AssetError::ClientFailed {
        wanted: Box::new(wanted.clone()),
        client: short.to_owned(),
        said,
    };
    match child::run(&mut command, &log, PATIENCE, tick) {
        Err(error) => Err(failed(error.to_string())),
        Ok(child::Outcome::TimedOut) => Err(AssetError::ClientTooSlow {
            wanted: Box::new(wanted.clone()),
            client: short.to_owned(),
            minutes: PATIENCE.as_secs() / 60,
        }),
        Ok(child::Outcome::Ended { success: false, output }) => Err(failed(telling_line(&output))),
        Ok(child::Outcome::Ended { success: true, output }) => {
            let archive = staging.join("out").join(&package.archive);
            // A client that saves another file than the one pinned has been given another package.
            match archive.try_exists() {
                Ok(true) => Ok(()),
                Ok(false) => Err(failed(telling_line(&output))),
                Err(error) => Err(AssetError::io("look at", archive)(error)),
            }
        }
    }
}

/// Bytes in all files under `folder`; what vanishes meanwhile counts nothing.
fn bytes_under(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)))
        .map(|(path, data)| if data.is_dir() { bytes_under(&path) } else { data.len() })
        .sum()
}

/// The line of a client's output that tells most: the network's complaint, else the last line.
fn telling_line(output: &str) -> String {
    const CAUSES: [&str; 3] = ["connection broken by", "reason:", "ERROR:"];
    const EMPTY_WORDS: &str = "A complete log of this run";
    const LONGEST: usize = 400;
    let line = CAUSES
        .iter()
        .find_map(|cause| output.lines().find_map(|line| line.find(cause).map(|start| &line[start..])))
        .or_else(|| output.lines().rfind(|line| !line.trim().is_empty() && !line.contains(EMPTY_WORDS)))
        .unwrap_or("nothing");
    line.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// Whether the program behind `command` answers at all: a shim of a version manager may stand for nothing.
fn answers(mut command: Command, staging: &Path) -> bool {
    const PATIENCE: Duration = Duration::from_mins(1);
    let probe: io::Result<child::Outcome> = child::run(
        command.arg("--version").current_dir(staging),
        &staging.join("probe.log"),
        PATIENCE,
        || {},
    );
    matches!(probe, Ok(child::Outcome::Ended { success: true, .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_s_complaint_is_preferred_to_the_last_line() {
        let pip = "WARNING: Retrying (Retry(total=1)) after connection broken by 'Name or service not known'\n\
                   ERROR: Could not find a version\nERROR: No matching distribution found\n";
        assert_eq!(telling_line(pip), "connection broken by 'Name or service not known'");
        let npm = "npm error code ENOTFOUND\nnpm error network request failed, reason: getaddrinfo ENOTFOUND\n\
                   npm error network\nnpm error A complete log of this run can be found in: /x\n";
        assert_eq!(telling_line(npm), "reason: getaddrinfo ENOTFOUND");
    }

    #[test]
    fn without_a_known_complaint_the_last_line_tells() {
        assert_eq!(telling_line("one\n two \n\n"), "two");
        assert_eq!(telling_line("code E404\nnpm error A complete log of this run is in x\n"), "code E404");
        assert_eq!(telling_line(""), "nothing");
        assert_eq!(telling_line(&"long ".repeat(500)).len(), 400);
    }
}
