//! `bonafide badge`: badges of liveness checks, and the keys that sign them.

use std::process::ExitCode;

use app::BadgeKey;
use domain::VerificationId;
use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339, verification_id};
use crate::output::{Failure, print_json, print_revoked, print_text};

/// Revoke badges of liveness checks, and change the key that signs them
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Let a badge count no more; its public page says so
    #[command(after_help = "\
Exit code 1: there is no such badge, or it has been revoked before.

Example:
  bonafide badge revoke a1b2c3d4-e5f6-4711-8899-aabbccddeeff")]
    Revoke {
        #[command(flatten)]
        folder: DataFolder,
        /// The badge's `verification_id`
        #[arg(value_parser = verification_id)]
        id: VerificationId,
    },
    /// Sign tokens by a new key from now on; those signed before can still be verified
    RotateKey {
        #[command(flatten)]
        folder: DataFolder,
    },
}

/// What is told of a key.
#[derive(Debug, Serialize)]
struct Document {
    kid: String,
    created_at: String,
}

impl From<&BadgeKey> for Document {
    fn from(key: &BadgeKey) -> Self {
        Self { kid: key.kid.clone(), created_at: rfc3339(key.created_at) }
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Revoke { folder, id } => {
            let done =
                folder.with_admin(Missing::Refuse, async |admin| Ok(admin.revoke_badge(*id).await?))?;
            print_revoked(done, "badge", &id.to_string(), options.json)
        }
        Command::RotateKey { folder } => {
            let key =
                folder.with_admin(Missing::Refuse, async |admin| Ok(admin.rotate_badge_key().await?))?;
            if options.json {
                print_json(&Document::from(&key))?;
            } else {
                print_text(&format!("{}\n", key.kid))?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
