//! `bonafide key`: the API keys of a tenant.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use app::NewKey;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use domain::{Key, KeyId, KeyKind, Permission};
use jiff::{Span, SpanRelativeTo};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339, state};
use crate::output::{Failure, print_json, print_lines, print_revoked, print_text};

/// Make, list and revoke API keys
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key and print it: it is shown now and never again
    #[command(after_help = "\
Examples:
  bonafide key create --name backend
  bonafide key create --tenant shop --name phones --kind generator --expires-in 90d
  bonafide key create --name backend --permission enrollment_delete --json")]
    Create {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// What it is called
        #[arg(long)]
        name: String,
        /// Who will hold it
        #[arg(long, default_value = "backend", value_parser = kinds())]
        kind: KeyKind,
        /// What it may do beyond the ordinary; may be repeated
        #[arg(long = "permission", alias = "permissions", value_name = "PERMISSION", value_delimiter = ',',
            value_parser = permissions())]
        permissions: Vec<Permission>,
        /// Moves the tenant to this plan
        #[arg(long)]
        plan: Option<String>,
        /// How long it lives, as 90d, 12h or "2 weeks" [default: ten years]
        #[arg(long, value_name = "DURATION", value_parser = lifetime)]
        expires_in: Option<Duration>,
    },
    /// Show the keys of a tenant, never their tokens
    List {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
    },
    /// End a key at once
    #[command(after_help = "Exit code 1: the tenant has no such key, or it has been revoked before.")]
    Revoke {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Id of the key, as `list` shows it
        id: KeyId,
    },
}

/// What is told of a key.
#[derive(Debug, Serialize)]
struct Document {
    id: KeyId,
    name: String,
    kind: KeyKind,
    permissions: BTreeSet<Permission>,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
}

/// A key that was just made. The only document with a token.
#[derive(Serialize)]
struct NewDocument<'a> {
    key: &'a str,
    #[serde(flatten)]
    about: Document,
}

impl From<&Key> for Document {
    fn from(key: &Key) -> Self {
        Self {
            id: key.id,
            name: key.name.clone(),
            kind: key.kind,
            permissions: key.permissions.clone(),
            created_at: rfc3339(key.created_at),
            expires_at: key.expires_at.map(rfc3339),
            revoked_at: key.revoked_at.map(rfc3339),
        }
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Create { folder, tenant, name, kind, permissions, plan, expires_in } => {
            let (key, token) = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                if let Some(plan) = plan {
                    admin.set_plan(tenant, plan).await?;
                }
                let (name, permissions) = (name.clone(), permissions.iter().copied().collect());
                let new = NewKey { tenant, name, kind: *kind, permissions, expires_in: *expires_in };
                Ok(admin.create_key(new).await?)
            })?;
            if options.json {
                print_json(&NewDocument { key: &token, about: Document::from(&key) })?;
            } else {
                print_text(&format!("{token}\n"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::List { folder, tenant } => {
            let keys = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.keys(tenant).await?)
            })?;
            if options.json {
                print_json(&keys.iter().map(Document::from).collect::<Vec<_>>())?;
            } else {
                print_lines(keys.iter().map(line))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Revoke { folder, tenant, id } => {
            let done = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.revoke_key(tenant, *id).await?)
            })?;
            print_revoked(done, "key", &id.to_string(), options.json)
        }
    }
}

fn line(key: &Key) -> String {
    let end = key.expires_at.map_or("never".to_owned(), rfc3339);
    format!("{}  {}  {}  until {end}  {}", key.id, word(&key.kind), key.name, state(key.revoked_at))
}

fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn read<T: DeserializeOwned>(word: String) -> Result<T, serde_json::Error> {
    serde_json::from_value(serde_json::Value::String(word))
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = KeyKind> {
    // Keys of browsers and phone apps are for one person each: a backend or a generator makes them over HTTP.
    PossibleValuesParser::new(["backend", "generator"]).try_map(read::<KeyKind>)
}

fn permissions() -> impl clap::builder::TypedValueParser<Value = Permission> {
    let words = ["enrollment_without_validation", "enrollment_delete"];
    PossibleValuesParser::new(words).try_map(read::<Permission>)
}

fn lifetime(text: &str) -> Result<Duration, String> {
    const WANTED: &str = "a lifetime is like 90d, 12h or \"2 weeks\", and longer than nothing";
    let span: Span = text.parse().map_err(|_| WANTED)?;
    // Months and years have no length of their own, and are refused here.
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| WANTED)?;
    match Duration::try_from(length) {
        Ok(length) if !length.is_zero() => Ok(length),
        _ => Err(WANTED.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_written_as_people_do() {
        assert_eq!(lifetime("90d"), Ok(Duration::from_hours(90 * 24)));
        assert_eq!(lifetime("2 weeks"), Ok(Duration::from_hours(14 * 24)));
        assert_eq!(lifetime("1h 30m"), Ok(Duration::from_mins(90)));
        for bad in ["", "soon", "0d", "-1d", "90", "1 month"] {
            assert!(lifetime(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn kinds_and_permissions_are_the_words_of_the_domain() {
        for kind in [KeyKind::Backend, KeyKind::Web, KeyKind::Sdk, KeyKind::Generator] {
            assert_eq!(read::<KeyKind>(word(&kind)).unwrap(), kind);
        }
        assert_eq!(word(&Permission::EnrollmentDelete), "enrollment_delete");
    }
}
