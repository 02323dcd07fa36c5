//! `bonafide rekey`: a new master key.

use std::process::ExitCode;

use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing};
use crate::output::{Failure, print_json, print_text};

/// Replace the master key; the server may be running
///
/// Tenant keys and secrets are sealed under a new `master.key`, and the old one is removed. It can be stopped at any
/// moment: run it again, or just go on. Keys that were saved with an earlier backup still open that backup together
/// with their own `master.key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide rekey
  bonafide rekey --data /var/lib/bonafide --json")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
}

#[derive(Debug, Serialize)]
struct Document {
    /// Names the key in the audit log, and says nothing about it.
    key_id: String,
    /// Tenant keys and secrets.
    sealed: u64,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let made = args.folder.with_admin(Missing::Refuse, async |admin| Ok(admin.rekey().await?))?;
    let document = Document { key_id: made.key_id, sealed: made.sealed };
    if options.json {
        print_json(&document)?;
    } else {
        let Document { key_id, sealed } = document;
        print_text(&format!(
            "the master key is {key_id} now: {sealed} keys and secrets are sealed under it\n"
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
