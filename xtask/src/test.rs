//! `cargo xtask test`: everything that a fresh machine needs to run all tests.

use std::process::ExitCode;

use assets::{Fetch, Group, Progress, Store};

use crate::{Outcome, browser, cargo, clients, deploy, exit_code, schemathesis, works};

/// A line for each package.
pub(crate) struct Lines;

impl Progress for Lines {
    fn begin(&self, what: &str, total_bytes: u64) {
        eprintln!("fetching {what} ({:.1} MB)", total_bytes as f64 / 1e6);
    }

    fn advance(&self, _bytes_so_far: u64) {}

    fn end(&self) {}

    fn waiting(&self) {
        eprintln!("another process is fetching the same files: waiting for it");
    }
}

pub(crate) fn run() -> Outcome {
    Store::open(None, Fetch::Allowed)?
        .pull(&[Group::Face, Group::Document, Group::Test, Group::Video, Group::Voice], &Lines)?;
    // nextest runs no tests in documentation; there are none.
    let runner: &[&str] =
        if works(&mut cargo(&["nextest", "--version"])?) { &["nextest", "run"] } else { &["test"] };
    let mut tests = cargo(runner)?;
    tests.args(["--workspace", "--locked", "--no-fail-fast"]);
    let browser = told("browser", browser::run());
    let clients = told("clients", clients::run());
    let missing = [(browser::is_there(), "in_chromium::"), (clients::is_there(), "with_clients::")];
    tests.arg("--");
    for (_, tests_of_it) in missing.iter().filter(|(is_there, _)| !is_there) {
        tests.args(["--skip", tests_of_it]);
    }
    let tests = exit_code(&mut tests)?;
    // All are run, so that one run tells all that is wrong.
    let outcomes =
        [browser, clients, tests, told("deploy", deploy::run()), told("schemathesis", schemathesis::run())];
    Ok(outcomes.into_iter().find(|outcome| *outcome != ExitCode::SUCCESS).unwrap_or(ExitCode::SUCCESS))
}

/// The outcome of the chore `name`, said in a line where it is none to be proud of.
fn told(name: &str, outcome: Outcome) -> ExitCode {
    let code = outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    });
    if code != ExitCode::SUCCESS {
        eprintln!("FAILED: cargo xtask {name}");
    }
    code
}
