//! Chores of this repository.

mod browser;
mod clients;
mod deny;
mod deploy;
mod load;
mod schemathesis;
mod test;
mod tools;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::Parser;

/// Chores of this repository
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Fetch the models and the test photos, then run all tests and the chores browser, clients, schemathesis and deploy
    Test,
    /// Send the server requests made up from its OpenAPI document, with Schemathesis, fetched if need be
    Schemathesis,
    /// Check the files in deploy/ with hadolint, fetched if need be, and systemd-analyze
    Deploy,
    /// Measure the server under load, beside the engine alone on the same photos
    Load {
        /// Passed on, such as --clients 32 --seconds 60; --help tells them all
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Install Debian's Chromium and its chromedriver for the tests of the hosted page, if need be
    Browser,
    /// Install the HTTP clients of the vendors' examples, requests and axios, for the tests, if need be
    Clients,
    /// Take pictures of the hosted page's screens, on a phone and a desktop, in both languages
    Screenshots {
        /// Folder to write them to
        folder: PathBuf,
    },
    /// Check licences, bans and sources of the dependencies with cargo-deny, fetched if need be
    Deny,
}

/// What a chore ends with: the exit code of the last program it ran.
type Outcome = Result<ExitCode, Box<dyn Error>>;

fn main() -> ExitCode {
    let outcome = match Chore::parse() {
        Chore::Test => test::run(),
        Chore::Schemathesis => schemathesis::run(),
        Chore::Deploy => deploy::run(),
        Chore::Load { options } => load::run(&options),
        Chore::Browser => browser::run(),
        Chore::Clients => clients::run(),
        Chore::Screenshots { folder } => browser::screenshots(&folder),
        Chore::Deny => deny::run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            eprintln!("  because: {error}");
            cause = error.source();
        }
        ExitCode::FAILURE
    })
}

/// The workspace's folder. Read at run time, since the folder may have moved since this was built.
fn workspace() -> Result<PathBuf, Box<dyn Error>> {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("run this as `cargo xtask`")?;
    Ok(Path::new(&package).parent().ok_or("xtask does not lie in a workspace")?.to_owned())
}

/// This very cargo, in the workspace's folder.
fn cargo(arguments: &[&str]) -> Result<Command, Box<dyn Error>> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(workspace()?);
    Ok(command)
}

/// Runs `command` in view, and passes its exit code on.
fn exit_code(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    // Without a code it was ended by a signal.
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether `command` can be run and succeeds; nothing is shown.
fn works(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Chore::command().debug_assert();
    }
}
