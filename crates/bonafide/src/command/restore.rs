//! `bonafide restore`: a backup becomes a data folder.

use std::path::PathBuf;
use std::process::ExitCode;

use domain::Clock as _;
use serde::Serialize;
use server::ServeLock;

use crate::Options;
use crate::clock::SystemClock;
use crate::operate::{DataFolder, block_on, rfc3339};
use crate::output::{Failure, print_json, print_text};

/// Restore a backup to a data folder that has no database; no server may be running there
///
/// The keys are those of the data folder where it has any, since they know who was erased; otherwise those of
/// `--keys-from`. Whoever was erased stays erased. Exit code 1: refused, since something is in the way, a server is
/// running, or the backup is not whole.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide restore --from /backups/2026-11-21 --data new-data --keys-from /media/safe/keys-2026-11-21
  bonafide restore --from /backups/2026-11-21        beside the keys of ./bonafide-data")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// Folder of the backup
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// Folder of its keys
    #[arg(long, value_name = "DIR")]
    keys_from: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Document {
    created_at: String,
    photos: u64,
    bytes: u64,
    erased_again: u64,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let data = &args.folder.data;
    let _lock = ServeLock::acquire(data)?;
    let report = block_on(async {
        Ok(app::restore(&args.from, args.keys_from.as_deref(), data, SystemClock.now()).await?)
    })?;
    let document = Document {
        created_at: rfc3339(report.created_at),
        photos: report.blobs,
        bytes: report.bytes,
        erased_again: report.erased,
    };
    if options.json {
        print_json(&document)?;
    } else {
        print_text(&format!(
            "restored: state of {}, {} photos, {:.1} MB; {} people who were erased since are erased again\n",
            document.created_at,
            document.photos,
            document.bytes as f64 / 1e6,
            document.erased_again
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
