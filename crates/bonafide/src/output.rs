//! What a person sees: failures, JSON, progress.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use app::{AdminError, AppError, ServiceError, StoreError, WatchlistError};
use assets::AssetError;
use domain::BadToken;
use indicatif::{ProgressBar, ProgressStyle};
use lab::LabError;
use serde::Serialize;
use server::config::ConfigError;
use server::telemetry::LogError;
use server::{LockError, ServeError};

/// Why a command has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    App(#[from] AppError),
    #[error(transparent)]
    Asset(#[from] AssetError),
    #[error(transparent)]
    Token(#[from] BadToken),
    #[error(transparent)]
    Lab(#[from] LabError),
    #[error(transparent)]
    Admin(#[from] AdminError),
    #[error(transparent)]
    Service(#[from] ServiceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Watchlist(#[from] WatchlistError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("{} cannot be written: the first API key belongs there", path.display())]
    FirstKey { path: PathBuf, source: io::Error },
    #[error("{} cannot be read: an API key is expected there", path.display())]
    KeyFile { path: PathBuf, source: io::Error },
    #[error("{} cannot be written", path.display())]
    Record { path: PathBuf, source: io::Error },
    #[error("the password cannot be read")]
    Password(#[source] io::Error),
    #[error("the password is empty")]
    EmptyPassword,
    #[error("the system gives no threads")]
    Runtime(#[source] io::Error),
    #[error("the answer could not be written")]
    Output(#[from] io::Error),
}

impl Failure {
    /// 1 where what was asked for is not there or was refused, as a command says it of itself; else 2.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let refused = match self {
            Failure::Admin(
                AdminError::NotFound { .. } | AdminError::Exists { .. } | AdminError::TooManyHooks(_),
            )
            | Failure::Lock(LockError::Held(_)) => true,
            Failure::Admin(AdminError::Service(ServiceError::Store(error))) | Failure::Store(error) => {
                matches!(
                    error,
                    StoreError::InTheWay { .. }
                        | StoreError::KeysWithBackup { .. }
                        | StoreError::BadBackup { .. }
                        | StoreError::NoKeys
                )
            }
            _ => false,
        };
        ExitCode::from(if refused { 1 } else { 2 })
    }

    /// One line on standard error, causes included; with `json` a document on standard output too.
    pub(crate) fn report(&self, json: bool) {
        if matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe) {
            // Whoever read the answer has had enough of it.
            return;
        }
        let mut message = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            cause = error.source();
        }
        if json {
            #[derive(Serialize)]
            struct Document<'a> {
                error: &'a str,
            }
            // Nothing is left to do for a reader that went away.
            let _ = print_json(&Document { error: &message });
        }
        eprintln!("error: {message}");
    }
}

/// Writes `document` to standard output.
pub(crate) fn print_json(document: &impl Serialize) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// Writes `text` to standard output; unlike `print!` a closed pipe is an error and no panic.
pub(crate) fn print_text(text: &str) -> Result<(), Failure> {
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Writes each of `lines` to standard output.
pub(crate) fn print_lines(lines: impl Iterator<Item = String>) -> Result<(), Failure> {
    print_text(&lines.map(|line| line + "\n").collect::<String>())
}

/// Says whether something was revoked; exit code 1 where it was not.
pub(crate) fn print_revoked(done: bool, what: &str, id: &str, json: bool) -> Result<ExitCode, Failure> {
    print_done(done, "revoked", what, id, json)
}

/// Says whether something became what `state` says; exit code 1 where it did not.
pub(crate) fn print_done(
    done: bool,
    state: &str,
    what: &str,
    id: &str,
    json: bool,
) -> Result<ExitCode, Failure> {
    if json {
        print_json(&serde_json::json!({ (state): done }))?;
    } else if done {
        print_text(&format!("{what} {id} is {state}\n"))?;
    }
    if !done {
        eprintln!("there is no {what} {id}, or it was {state} before");
    }
    Ok(ExitCode::from(u8::from(!done)))
}

/// A bar for the packages that are fetched, on standard error. Nothing is shown where that is no terminal, except one
/// line a package.
pub(crate) struct PullBar(ProgressBar);

impl PullBar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::no_length();
        bar.set_style(style("{msg:40!} {bar:30} {binary_bytes:>11} of {binary_total_bytes}"));
        Self(bar)
    }
}

impl assets::Progress for PullBar {
    fn begin(&self, what: &str, total_bytes: u64) {
        self.0.reset();
        self.0.set_length(total_bytes);
        self.0.set_message(what.to_owned());
        if self.0.is_hidden() {
            eprintln!("fetching {what} ({:.1} MB)", total_bytes as f64 / 1e6);
        }
    }

    fn advance(&self, bytes_so_far: u64) {
        self.0.set_position(bytes_so_far);
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }

    fn waiting(&self) {
        eprintln!("another process is fetching the same files: waiting for it");
    }
}

/// A bar for photos, or what else is measured, on standard error.
pub(crate) struct PhotoBar(ProgressBar);

impl PhotoBar {
    pub(crate) fn new() -> Self {
        Self::of("photos")
    }

    pub(crate) fn of(what: &'static str) -> Self {
        let bar = ProgressBar::no_length();
        bar.set_style(style("{bar:40} {pos} of {len} {msg}, {per_sec}, {eta} left"));
        bar.set_message(what);
        Self(bar)
    }
}

impl lab::Progress for PhotoBar {
    fn step(&self, done: usize, total: usize) {
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
        if done == total {
            self.0.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
