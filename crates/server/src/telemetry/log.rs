//! Where log lines go.

use std::io::{self, IsTerminal as _};
use std::panic;

use tracing::Subscriber;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, fmt};

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A filter that cannot be read.
    #[error("the log filter is not understood; write it like info or server=debug,warn")]
    Filter(#[from] ParseError),
    /// Another part of the process has set up a log.
    #[error("there is a log already")]
    Twice(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// Logs to standard error: text where that is a terminal, else one JSON document a line.
///
/// `filter` is like `info` or `server=debug,warn`; `None` leaves it to `RUST_LOG`, and without that to `info`. A panic is
/// logged with its place only, since its message may quote what was being worked on.
///
/// # Errors
/// [`LogError`] for a filter that is not understood, or a second call.
pub fn install(filter: Option<&str>) -> Result<(), LogError> {
    let filter = match filter {
        Some(filter) => EnvFilter::try_new(filter)?,
        None => EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
    };
    if io::stderr().is_terminal() {
        let text = fmt().with_env_filter(filter).with_writer(io::stderr).finish();
        tracing::subscriber::set_global_default(text)?;
    } else {
        tracing::subscriber::set_global_default(writing_to(io::stderr, filter))?;
    }
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        tracing::error!(place = place.as_deref().unwrap_or("unknown"), "panic");
    }));
    Ok(())
}

/// One JSON document a line, to `writer`.
pub fn writing_to<W>(writer: W, filter: EnvFilter) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}
