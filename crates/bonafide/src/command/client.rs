//! `bonafide client`: programs that sign in to a tenant with a secret.

use std::process::ExitCode;

use app::Client;
use domain::ClientId;
use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339, state};
use crate::output::{Failure, print_json, print_lines, print_revoked, print_text};

/// Make, list and revoke clients: programs that sign in with a secret
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a client and print its id and secret: the secret is shown now and never again
    #[command(after_help = "\
Examples:
  bonafide client create --name billing
  bonafide client create --name tests --sandbox
  bonafide client create --tenant shop --name billing --json")]
    Create {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// What it is called
        #[arg(long)]
        name: String,
        /// Let it open sessions that only act as if, for tests of an integration
        #[arg(long)]
        sandbox: bool,
    },
    /// Show the clients of a tenant, never their secrets
    List {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
    },
    /// End a client's access at once
    #[command(after_help = "Exit code 1: the tenant has no such client, or its access has ended before.")]
    Revoke {
        #[command(flatten)]
        folder: DataFolder,
        /// Name or id of the tenant
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Id of the client, as `list` shows it
        id: ClientId,
    },
}

/// What is told of a client.
#[derive(Debug, Serialize)]
struct Document {
    id: ClientId,
    name: String,
    is_sandbox: bool,
    created_at: String,
    revoked_at: Option<String>,
}

/// A client that was just made. The only document with a secret.
#[derive(Serialize)]
struct NewDocument<'a> {
    secret: &'a str,
    #[serde(flatten)]
    about: Document,
}

impl From<&Client> for Document {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            name: client.name.clone(),
            is_sandbox: client.is_sandbox,
            created_at: rfc3339(client.created_at),
            revoked_at: client.revoked_at.map(rfc3339),
        }
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Create { folder, tenant, name, sandbox } => {
            let (client, secret) = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.create_client(tenant, name, *sandbox).await?)
            })?;
            if options.json {
                print_json(&NewDocument { secret: &secret, about: Document::from(&client) })?;
            } else {
                print_text(&format!("{} {secret}\n", client.id))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::List { folder, tenant } => {
            let clients = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.clients(tenant).await?)
            })?;
            if options.json {
                print_json(&clients.iter().map(Document::from).collect::<Vec<_>>())?;
            } else {
                print_lines(clients.iter().map(|client| {
                    let kind = if client.is_sandbox { "  sandbox" } else { "" };
                    format!("{}  {}  {}{kind}", client.id, client.name, state(client.revoked_at))
                }))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Revoke { folder, tenant, id } => {
            let done = folder.with_admin(Missing::Refuse, async |admin| {
                let tenant = admin.tenant(tenant).await?.id;
                Ok(admin.revoke_client(tenant, *id).await?)
            })?;
            print_revoked(done, "client", &id.to_string(), options.json)
        }
    }
}
