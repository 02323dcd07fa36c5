//! `bonafide audit`: who did what.

use std::process::ExitCode;

use app::{AuditEntry, AuditFilter};
use domain::{TenantId, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339};
use crate::output::{Failure, print_json, print_lines};

/// Show the audit log: who changed what, and who was shown photos; newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  bonafide audit
  bonafide audit --tenant shop --since 2026-11-01 --action key.create
  bonafide audit --before 4711 --limit 1000 --json")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// Name or id of a tenant [default: all, and the server itself]
    #[arg(long)]
    tenant: Option<String>,
    /// Only this action, as `key.create`
    #[arg(long)]
    action: Option<String>,
    /// Only this time and later, in UTC unless it says otherwise: `2026-11-21` or `2026-11-21T10:00`
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// At most so many entries
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only entries before this one: the number of the last one of the page before
    #[arg(long, value_name = "SEQUENCE")]
    before: Option<i64>,
}

/// What is told of an entry.
#[derive(Debug, Serialize)]
struct Document {
    sequence: i64,
    at: String,
    /// Where; `null` for the server as a whole.
    tenant: Option<TenantId>,
    actor: String,
    action: String,
    about: String,
}

impl From<(i64, AuditEntry)> for Document {
    fn from((sequence, entry): (i64, AuditEntry)) -> Self {
        let AuditEntry { tenant, actor, action, about, at } = entry;
        Self { sequence, at: rfc3339(at), tenant, actor, action, about }
    }
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let entries = args.folder.with_admin(Missing::Refuse, async |admin| {
        let tenant = match &args.tenant {
            Some(tenant) => Some(admin.tenant(tenant).await?.id),
            None => None,
        };
        let (action, since, before, limit) = (args.action.clone(), args.since, args.before, args.limit);
        Ok(admin.audit(&AuditFilter { tenant, action, since, before, limit }).await?)
    })?;
    let entries: Vec<Document> = entries.into_iter().map(Document::from).collect();
    if options.json {
        print_json(&entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    print_lines(entries.iter().map(line))?;
    if let Some(last) = entries.last().filter(|_| entries.len() >= args.limit as usize) {
        eprintln!("there may be older entries: --before {}", last.sequence);
    }
    Ok(ExitCode::SUCCESS)
}

fn line(entry: &Document) -> String {
    let tenant = entry.tenant.map_or_else(|| "server".to_owned(), |tenant| tenant.to_string());
    let Document { sequence, at, actor, action, about, .. } = entry;
    format!("{sequence}  {at}  {tenant}  {actor}  {action}  {about}")
}

pub(crate) fn time(text: &str) -> Result<Timestamp, &'static str> {
    const WANTED: &str =
        "a time is like 2026-11-21, or 2026-11-21T10:00, in UTC, or 2026-11-21T10:00:00-05:00";
    let time = text.parse::<jiff::Timestamp>().or_else(|_| {
        let utc: DateTime = text.parse()?;
        Ok::<_, jiff::Error>(utc.to_zoned(TimeZone::UTC)?.timestamp())
    });
    time.map(|time| Timestamp::from_millis(time.as_millisecond())).map_err(|_| WANTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_day_or_a_moment() {
        assert_eq!(time("1970-01-02").map(Timestamp::as_millis), Ok(86_400_000));
        assert_eq!(time("1970-01-01T02:00:01+02:00").map(Timestamp::as_millis), Ok(1_000));
        assert_eq!(time("1970-01-02T00:00:01").map(Timestamp::as_millis), Ok(86_401_000), "in UTC");
        for bad in ["", "yesterday", "2026-13-01", "2026-11-21T25:00", "10:00"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
