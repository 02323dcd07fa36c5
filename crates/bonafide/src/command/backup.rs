//! `bonafide backup`: a copy to start again from.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339};
use crate::output::{Failure, print_json, print_text};

/// Save rows and photos to a folder, and the keys to another; the server may be running
///
/// The backup is encrypted: it is worth nothing without the keys. Whoever has both can read everything, also those who
/// were erased since, so that the keys belong to another place.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide backup --to /backups/2026-11-21
  bonafide backup --to /backups/2026-11-21 --keys-to /media/safe/keys-2026-11-21")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// New or empty folder for rows and photos
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// New or empty folder for the keys, outside the other one; without it no keys are saved
    #[arg(long, value_name = "DIR")]
    keys_to: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Document {
    created_at: String,
    photos: u64,
    bytes: u64,
    with_keys: bool,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let report = args.folder.with_admin(Missing::Refuse, async |admin| {
        Ok(admin.backup(&args.to, args.keys_to.as_deref()).await?)
    })?;
    let document = Document {
        created_at: rfc3339(report.created_at),
        photos: report.blobs,
        bytes: report.bytes,
        with_keys: report.with_keys,
    };
    if options.json {
        print_json(&document)?;
    } else {
        let keys = if document.with_keys {
            "the keys too"
        } else {
            "not the keys, without which it opens nothing: keep keyring.db and master.key of the data folder"
        };
        print_text(&format!(
            "saved: state of {}, {} photos, {:.1} MB; {keys}\n",
            document.created_at,
            document.photos,
            document.bytes as f64 / 1e6
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
