//! `bonafide capture`: what was decided in a live capture.

use std::process::ExitCode;

use app::{CaptureAttempt, CaptureReport};
use domain::{ScanState, VerificationId};
use serde::Serialize;
use serde_json::Value;

use crate::Options;
use crate::operate::{DataFolder, Missing, rfc3339, verification_id};
use crate::output::{Failure, print_json, print_lines};

/// Show what was decided in a live capture and why, and what its person agreed to
///
/// With `--json` all that is kept of each attempt: what was asked, what was measured, the answer to each question. No
/// picture is among it. The audit log has that it was shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Exit code 1: there is no such capture, or its person was erased.

Examples:
  bonafide capture a1b2c3d4-e5f6-4711-8899-aabbccddeeff
  bonafide capture --tenant shop a1b2c3d4-e5f6-4711-8899-aabbccddeeff --json")]
pub(crate) struct Args {
    #[command(flatten)]
    folder: DataFolder,
    /// Name or id of the tenant
    #[arg(long, default_value = "default")]
    tenant: String,
    /// The capture's `verification_id`, with or without its hyphens
    #[arg(value_parser = verification_id)]
    id: VerificationId,
}

#[derive(Debug, Serialize)]
struct Document {
    state: &'static str,
    opened_at: String,
    /// The receipt; `null` where nobody agreed.
    consent: Option<Value>,
    attempts: Vec<Attempt>,
}

#[derive(Debug, Serialize)]
struct Attempt {
    number: u8,
    state: ScanState,
    started_at: String,
    record: Value,
}

impl From<CaptureReport> for Document {
    fn from(report: CaptureReport) -> Self {
        let attempt = |CaptureAttempt { number, state, started_at, record }| Attempt {
            number,
            state,
            started_at: rfc3339(started_at),
            record,
        };
        Self {
            state: report.state.word(),
            opened_at: rfc3339(report.opened_at),
            consent: report.consent,
            attempts: report.attempts.into_iter().map(attempt).collect(),
        }
    }
}

pub(crate) fn run(args: &Args, options: &Options) -> Result<ExitCode, Failure> {
    let report = args.folder.with_admin(Missing::Refuse, async |admin| {
        let tenant = admin.tenant(&args.tenant).await?.id;
        Ok(admin.capture(tenant, args.id).await?)
    })?;
    let document = Document::from(report);
    if options.json {
        print_json(&document)?;
    } else {
        print_lines(lines(&document).into_iter())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(document: &Document) -> Vec<String> {
    let agreed = document.consent.as_ref().map_or_else(|| "nobody agreed".to_owned(), Value::to_string);
    let mut lines = vec![format!("{}  {}", document.state, document.opened_at), agreed];
    lines.extend(document.attempts.iter().map(|attempt| {
        let state = serde_json::to_value(attempt.state).unwrap_or_default();
        let state = state.as_str().unwrap_or_default();
        format!("{}  {state}  {}  {}", attempt.number, attempt.started_at, why(&attempt.record))
    }));
    lines
}

/// The codes of what did not pass, or of what broke it off.
fn why(record: &Value) -> String {
    let reasons = record["judged"]["assessment"]["reasons"].as_array();
    let codes = reasons.into_iter().flatten().filter_map(|reason| reason["code"].as_str());
    codes.chain(record["broken_off"].as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_became_of_an_attempt_and_why() {
        let attempt = |number, state, record| Attempt {
            number,
            state,
            started_at: "2026-11-24T10:00:00Z".to_owned(),
            record,
        };
        let reasons = json!([{"code": "depth_not_seen"}, {"code": "liveness_uncertain"}]);
        let document = Document {
            state: "failed",
            opened_at: "2026-11-24T09:59:00Z".to_owned(),
            consent: Some(json!({"text": "2026-11.3"})),
            attempts: vec![
                attempt(1, ScanState::Retry, json!({"judged": {"assessment": {"reasons": reasons}}})),
                attempt(2, ScanState::Lost, json!({"judged": null, "broken_off": "face_lost"})),
                attempt(3, ScanState::Running, json!({})),
            ],
        };
        let expected = [
            "failed  2026-11-24T09:59:00Z",
            r#"{"text":"2026-11.3"}"#,
            "1  retry  2026-11-24T10:00:00Z  depth_not_seen liveness_uncertain",
            "2  lost  2026-11-24T10:00:00Z  face_lost",
            "3  running  2026-11-24T10:00:00Z  ",
        ];
        assert_eq!(lines(&document), expected);
        assert_eq!(lines(&Document { consent: None, ..document })[1], "nobody agreed");
    }
}
