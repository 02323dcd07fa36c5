//! What the operator's commands share: the data folder, the open store, how an id is read and a time is written.

use std::path::PathBuf;
use std::sync::Arc;

use app::Admin;
use domain::{BadId, Timestamp, VerificationId};

use crate::clock::SystemClock;
use crate::output::Failure;

/// The data folder of a server, which may be running.
#[derive(Debug, clap::Args)]
pub(crate) struct DataFolder {
    /// Data folder of the server
    #[arg(long, value_name = "DIR", env = "BONAFIDE_DATA", default_value = "bonafide-data")]
    pub(crate) data: PathBuf,
}

/// Whether a folder without a store is an error, or gets one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    Refuse,
    Create,
}

impl DataFolder {
    /// Does `work` with the operator's view of the store.
    pub(crate) fn with_admin<T>(
        &self,
        missing: Missing,
        work: impl AsyncFnOnce(Admin) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        block_on(async {
            let admin = Admin::open(&self.data, missing == Missing::Create, Arc::new(SystemClock)).await?;
            work(admin).await
        })
    }
}

/// Runs `work` to its end on this thread.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::Runtime)?.block_on(work)
}

/// A UUID, with or without its hyphens.
pub(crate) fn verification_id(text: &str) -> Result<VerificationId, BadId> {
    text.replace('-', "").parse()
}

/// As in RFC 3339, in UTC.
pub(crate) fn rfc3339(time: Timestamp) -> String {
    // Times of this program lie within the calendar.
    jiff::Timestamp::from_millisecond(time.as_millis()).map(|time| time.to_string()).unwrap_or_default()
}

/// `active`, or since when not any more.
pub(crate) fn state(revoked_at: Option<Timestamp>) -> String {
    revoked_at.map_or("active".to_owned(), |at| format!("revoked {}", rfc3339(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_shown() {
        let plain = "a1b2c3d4e5f647118899aabbccddeeff";
        for shown in ["a1b2c3d4-e5f6-4711-8899-aabbccddeeff", plain] {
            assert_eq!(verification_id(shown), plain.parse());
        }
        assert!(verification_id("a1b2").is_err());
    }
}
