//! `bonafide erase`: everything of a person.

use std::process::ExitCode;

use domain::VerificationId;
use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, verification_id};
use crate::output::{Failure, print_json, print_text};

/// Erase a person: rows, photos and keys, in backups too
///
/// Without the person's key nothing of them can be read, in whatever copy. What remains is that there was somebody, so
/// that a restored backup erases them again. Exit code 1: there is no such person.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide erase --subject customer-4711
  bonafide erase --tenant shop --subject 000102030405060708090a0b0c0d0e0f
  bonafide erase --tenant shop --verification a1b2c3d4-e5f6-4711-8899-aabbccddeeff")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// Name or id of the tenant
    #[arg(long, default_value = "default")]
    tenant: String,
    /// The person: the tenant's own reference, or an id
    #[arg(long, value_name = "ID", required_unless_present = "verification")]
    subject: Option<String>,
    /// The person of this verification instead: a `verification_id`, with or without its hyphens
    #[arg(long, value_name = "ID", conflicts_with = "subject", value_parser = verification_id)]
    verification: Option<VerificationId>,
}

#[derive(Debug, Serialize)]
struct Document {
    rows: u64,
    photos: u64,
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let erased = args.folder.with_admin(Missing::Refuse, async |admin| {
        let tenant = admin.tenant(&args.tenant).await?.id;
        Ok(match args.verification {
            Some(id) => admin.erase_by_verification(tenant, id).await?,
            None => admin.erase(tenant, args.subject.as_deref().unwrap_or_default()).await?,
        })
    })?;
    let document = Document { rows: erased.rows, photos: erased.blobs };
    if options.json {
        print_json(&document)?;
    } else {
        print_text(&format!("erased: {} rows, {} photos\n", document.rows, document.photos))?;
    }
    Ok(ExitCode::SUCCESS)
}
