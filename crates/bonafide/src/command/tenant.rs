//! `bonafide tenant`: the customers of a server.

use std::process::ExitCode;

use app::{NewTenant, SIMILARITY_FLOOR_FMR, Tenant};
use domain::TenantId;
use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339, state};
use crate::output::{Failure, print_done, print_json, print_lines, print_revoked, print_text};

/// Make, list and revoke tenants: customers of a server, each with data and keys of its own
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a tenant; a data folder that is empty gets its store
    #[command(after_help = "\
Examples:
  bonafide tenant create --name shop
  bonafide tenant create --name bank --allow-origin https://bank.example --similarity-floor-fmr 1e-4")]
    Create {
        #[command(flatten)]
        folder: DataFolder,
        /// Name, not used by another tenant
        #[arg(long)]
        name: String,
        /// Name of its plan
        #[arg(long, default_value = "standard")]
        plan: String,
        /// Origin of pages that may call with its keys, frame the capture page, and be returned to, as
        /// `https://shop.example`; may be repeated
        #[arg(long = "allow-origin", value_name = "ORIGIN", value_parser = origin)]
        allowed_origins: Vec<String>,
        /// Highest false match rate that the thresholds of its callers may have, 0 to 1
        #[arg(long, value_name = "FMR", default_value_t = SIMILARITY_FLOOR_FMR, value_parser = rate)]
        similarity_floor_fmr: f64,
        /// Days for which the pictures of live captures are kept, 0 keeps none; the consent page tells them
        #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = days())]
        evidence_days: u32,
    },
    /// Show all tenants
    List {
        #[command(flatten)]
        folder: DataFolder,
    },
    /// Make a tenant's subscription inactive: its keys open nothing until `resume`
    #[command(after_help = "Exit code 1: there is no such tenant, or it is so already.")]
    Suspend {
        #[command(flatten)]
        folder: DataFolder,
        /// Id of the tenant, as `list` shows it
        id: TenantId,
    },
    /// Make a tenant's subscription active again
    #[command(after_help = "Exit code 1: there is no such tenant, or it is so already.")]
    Resume {
        #[command(flatten)]
        folder: DataFolder,
        /// Id of the tenant, as `list` shows it
        id: TenantId,
    },
    /// Set for how many days the pictures of live captures are kept, for people who agree from now on
    #[command(after_help = "Exit code 1: there is no such tenant, or it is so already.")]
    Evidence {
        #[command(flatten)]
        folder: DataFolder,
        /// Id of the tenant, as `list` shows it
        id: TenantId,
        /// Days, 0 keeps none
        #[arg(value_parser = days())]
        days: u32,
    },
    /// End a tenant's access at once; its data stays
    #[command(after_help = "Exit code 1: there is no such tenant, or its access has ended before.")]
    Revoke {
        #[command(flatten)]
        folder: DataFolder,
        /// Id of the tenant, as `list` shows it
        id: TenantId,
    },
}

/// What is told of a tenant.
#[derive(Debug, Serialize)]
struct Document {
    id: TenantId,
    name: String,
    plan: String,
    allowed_origins: Vec<String>,
    similarity_floor_fmr: f64,
    evidence_days: u32,
    created_at: String,
    suspended_at: Option<String>,
    revoked_at: Option<String>,
}

impl From<&Tenant> for Document {
    fn from(tenant: &Tenant) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name.clone(),
            plan: tenant.plan.clone(),
            allowed_origins: tenant.allowed_origins.clone(),
            similarity_floor_fmr: tenant.similarity_floor_fmr,
            evidence_days: tenant.evidence_days,
            created_at: rfc3339(tenant.created_at),
            suspended_at: tenant.suspended_at.map(rfc3339),
            revoked_at: tenant.revoked_at.map(rfc3339),
        }
    }
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    match command {
        Command::Create { folder, name, plan, allowed_origins, similarity_floor_fmr, evidence_days } => {
            let new = NewTenant {
                name: name.clone(),
                plan: plan.clone(),
                allowed_origins: allowed_origins.clone(),
                similarity_floor_fmr: *similarity_floor_fmr,
                evidence_days: *evidence_days,
            };
            let tenant =
                folder.with_admin(Missing::Create, async |admin| Ok(admin.create_tenant(new).await?))?;
            if options.json {
                print_json(&Document::from(&tenant))?;
            } else {
                print_text(&format!("{}\n", tenant.id))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::List { folder } => {
            let tenants = folder.with_admin(Missing::Refuse, async |admin| Ok(admin.tenants().await?))?;
            if options.json {
                print_json(&tenants.iter().map(Document::from).collect::<Vec<_>>())?;
            } else {
                print_lines(tenants.iter().map(|tenant| {
                    format!("{}  {}  {}  {}", tenant.id, tenant.name, tenant.plan, state(tenant.revoked_at))
                }))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Suspend { folder, id } => suspend(folder, *id, true, options),
        Command::Resume { folder, id } => suspend(folder, *id, false, options),
        Command::Evidence { folder, id, days } => {
            let done = folder
                .with_admin(Missing::Refuse, async |admin| Ok(admin.keep_evidence(*id, *days).await?))?;
            print_done(done, "set", "tenant", &id.to_string(), options.json)
        }
        Command::Revoke { folder, id } => {
            let done =
                folder.with_admin(Missing::Refuse, async |admin| Ok(admin.revoke_tenant(*id).await?))?;
            print_revoked(done, "tenant", &id.to_string(), options.json)
        }
    }
}

fn suspend(
    folder: &DataFolder,
    id: TenantId,
    is_suspended: bool,
    options: &Options,
) -> Result<ExitCode, Failure> {
    let done = folder
        .with_admin(Missing::Refuse, async |admin| Ok(admin.suspend_tenant(id, is_suspended).await?))?;
    let word = if is_suspended { "suspended" } else { "resumed" };
    print_done(done, word, "tenant", &id.to_string(), options.json)
}

/// Up to ten years.
fn days() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=3650)
}

/// As a browser sends it: scheme, host, perhaps a port, nothing after.
fn origin(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "an origin is https:// or http:// and a host, perhaps with a port, in lower case";
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(WANTED)?;
    let clean = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(clean) {
        return Err(WANTED);
    }
    Ok(text.to_owned())
}

fn rate(text: &str) -> Result<f64, &'static str> {
    const WANTED: &str = "a false match rate lies above 0 and is 1 at most, as 1e-4";
    let rate: f64 = text.parse().map_err(|_| WANTED)?;
    if rate > 0.0 && rate <= 1.0 { Ok(rate) } else { Err(WANTED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for good in ["https://shop.example", "http://localhost:3000", "http://[::1]:8000"] {
            assert_eq!(origin(good).as_deref(), Ok(good));
        }
        for bad in ["shop.example", "https://", "https://shop.example/", "https://Shop.example", "*"] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }
}
