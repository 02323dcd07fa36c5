//! `cargo xtask deploy`: the files in `deploy/`, looked at by the tools that know their formats.

use std::fs;
use std::process::{Command, ExitCode};

use tempfile::TempDir;

use crate::tools::{tool, unchecked};
use crate::{Outcome, exit_code, works, workspace};

const UNIT: &str = "deploy/bonafide.service";
const CONTAINER: &str = "deploy/Containerfile";

/// The program that the unit starts.
const INSTALLED: &str = "ExecStart=/usr/local/bin/bonafide";

/// Exposure that `systemd-analyze security` may find, in tenths of its scale of 0 (none) to 10. It found 1.2 on
/// 2026-11-21; the root directory and the network, which the service needs, make up most of it.
const EXPOSURE: u32 = 12;

pub(crate) fn run() -> Outcome {
    let first = container()?;
    let second = unit()?;
    Ok(if first == ExitCode::SUCCESS { second } else { first })
}

fn container() -> Outcome {
    match tool("hadolint") {
        Ok(hadolint) => exit_code(Command::new(hadolint).arg(CONTAINER).current_dir(workspace()?)),
        Err(missing) => unchecked(&missing.to_string(), "the container file is not checked by hadolint"),
    }
}

fn unit() -> Outcome {
    if !works(Command::new("systemd-analyze").arg("--version")) {
        let cost = "the systemd unit is checked neither for errors nor for exposure";
        return unchecked("there is no systemd-analyze on PATH (Debian: systemd)", cost);
    }
    // What the unit starts is not installed here, and its absence would be an error: another program stands for it.
    let folder = TempDir::new()?;
    let copy = folder.path().join("bonafide.service");
    let text = fs::read_to_string(workspace()?.join(UNIT))?;
    fs::write(&copy, text.replace(INSTALLED, "ExecStart=/bin/true"))?;
    let sound = exit_code(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&copy))?;
    if sound != ExitCode::SUCCESS {
        return Ok(sound);
    }
    let mut security = Command::new("systemd-analyze");
    security
        .args(["security", "--offline=true", "--no-pager"])
        .arg(format!("--threshold={EXPOSURE}"))
        .arg(&copy);
    // A table of eighty lines, which matters only where it is too bad.
    let output = security.output()?;
    if output.status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{UNIT} leaves the service more than {EXPOSURE} tenths exposed").into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// What the container file takes from the repository.
    fn copied(text: &str) -> Vec<String> {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let copies = text.lines().filter_map(|line| line.strip_prefix("COPY ")).map(words);
        let own = copies.filter(|words| !words[0].starts_with("--from="));
        own.flat_map(|mut words| {
            words.pop();
            words
        })
        .collect()
    }

    #[test]
    fn what_the_container_file_copies_is_there_and_not_ignored() {
        let copied = copied(&fs::read_to_string(repository().join(CONTAINER)).unwrap());
        assert!(copied.iter().any(|path| path == "Cargo.lock"), "{copied:?}");
        let ignore = fs::read_to_string(repository().join(".containerignore")).unwrap();
        let let_in: Vec<&str> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
        for path in &copied {
            assert!(repository().join(path).exists(), "{path} is not there");
            assert!(let_in.iter().any(|entry| Path::new(path).starts_with(entry)), "{path} is ignored");
        }
        for entry in &let_in {
            assert!(copied.iter().any(|path| path == entry), "{entry} is let in and not copied");
        }
    }

    #[test]
    fn the_container_s_stages_have_the_files_that_are_taken_from_them() {
        let text = fs::read_to_string(repository().join(CONTAINER)).unwrap();
        for (made, taken) in [
            ("RUN cargo build --locked --release --package bonafide", "/build/target/release/bonafide"),
            ("RUN target/release/bonafide --assets-dir /assets assets pull", "/assets"),
        ] {
            assert!(text.contains(made), "{made}");
            assert!(text.contains(&format!("COPY --from=build {taken} ")), "{taken}");
        }
        let minimum = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
        let minimum = minimum.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap();
        assert!(text.contains(&format!("FROM rust:{}-", minimum.trim_matches('"'))), "{minimum}");
    }

    #[test]
    fn docker_ignores_what_podman_ignores() {
        let read = |name| fs::read_to_string(repository().join(name)).unwrap();
        assert_eq!(read(".dockerignore"), read(".containerignore"));
    }

    #[test]
    fn the_unit_starts_what_is_checked_for_it() {
        let text = fs::read_to_string(repository().join(UNIT)).unwrap();
        assert_eq!(text.matches(INSTALLED).count(), 1);
    }
}
