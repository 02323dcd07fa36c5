//! `bonafide user`: people who sign in to a tenant.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::User;
use domain::UserId;
use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339, state};
use crate::output::{Failure, print_json, print_lines, print_revoked, print_text};

/// Longest password in bytes: the hash takes any, a file that was named by mistake is larger.
const LONGEST: u64 = 1024;

/// Make, list and revoke users, who sign in with a password
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a user; the password comes from standard input or a file, never from the command line
    #[command(after_help = "\
Examples:
  bonafide user create --name ada < password.txt
  bonafide user create --tenant shop --name ada --password-file /run/secrets/ada")]
    Create {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// What the person signs in with
        #[arg(long)]
        name: String,
        /// File whose first line is the password [default: standard input]
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// What the person may do; may be repeated
        #[arg(long = "permission", value_name = "PERMISSION")]
        permissions: Vec<String>,
    },
    /// Show the users of a tenant
    List {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
    },
    /// End a user's access at once
    #[command(after_help = "Exit code 1: the tenant has no such user, or access has ended before.")]
    Revoke {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Id of the user, as `list` shows it
        id: UserId,
    },
}

/// What is told of a user.
#[derive(Debug, Serialize)]
struct Document {
    id: UserId,
    name: String,
    permissions: Vec<String>,
    created_at: String,
    revoked_at: Option<String>,
}

impl From<&User> for Document {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            name: user.name.clone(),
            permissions: user.permissions.clone(),
            created_at: rfc3339(user.created_at),
            revoked_at: user.revoked_at.map(rfc3339),
        }
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Create { folder, tenant, name, password_file, permissions } => {
            let password = password(password_file.as_deref())?;
            let user = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.create_user(tenant, name, &password, permissions.clone()).await?)
            })?;
            if options.json {
                print_json(&Document::from(&user))?;
            } else {
                print_text(&format!("{}\n", user.id))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::List { folder, tenant } => {
            let users = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.users(tenant).await?)
            })?;
            if options.json {
                print_json(&users.iter().map(Document::from).collect::<Vec<_>>())?;
            } else {
                print_lines(
                    users
                        .iter()
                        .map(|user| format!("{}  {}  {}", user.id, user.name, state(user.revoked_at))),
                )?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Revoke { folder, tenant, id } => {
            let done = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.revoke_user(tenant, *id).await?)
            })?;
            print_revoked(done, "user", &id.to_string(), options.json)
        }
    }
}

/// The first line of the file, or of standard input; asked for without an echo where that is a terminal.
fn password(file: Option<&Path>) -> Result<String, Failure> {
    let read = match file {
        Some(file) => fs::File::open(file).and_then(first_line),
        None if io::stdin().is_terminal() => rpassword::prompt_password("password: "),
        None => first_line(io::stdin().lock()),
    };
    match read {
        Ok(password) if password.is_empty() => Err(Failure::EmptyPassword),
        read => read.map_err(Failure::Password),
    }
}

fn first_line(source: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    source.take(LONGEST).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
