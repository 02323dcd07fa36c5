//! `bonafide document`: what a document says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::{App, JudgedPages, PageReading};
use domain::egypt::{CardFault, CardText};
use domain::{Clock as _, Day, Field, FieldName, FieldSource, PageEvidence};
use serde::Serialize;

use crate::Options;
use crate::clock::SystemClock;
use crate::output::{Failure, print_json, print_text};

/// Read documents
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// What a passport, an identity card, a visa or a driving licence says, and whether it is in order
    ///
    /// It is judged by the rules of a session, as far as they need no holder: whether its data make sense and agree, whether
    /// it is as its issuer made it, whether it lay before the camera itself. A check that could not be answered
    /// says so.
    ///
    /// Exit code 0: something was read. 1: nothing was.
    #[command(after_help = "\
Examples:
  bonafide document read passport.jpg
  bonafide document read front.jpg back.jpg --json")]
    Read {
        /// Photo of the front, or of the data page of a passport (JPEG, PNG or WebP, up to 10 MB)
        front: PathBuf,
        /// Photo of the back
        back: Option<PathBuf>,
    },
}

/// What both sides say.
#[derive(Debug, Serialize)]
struct Document {
    front: Page,
    back: Option<Page>,
    /// Each field from the source that can be trusted most.
    fields: BTreeMap<FieldName, String>,
    /// What the rules of a session say of it.
    judgement: JudgedPages,
    /// What does not agree on an Egyptian card; `None` for other documents.
    egyptian_faults: Option<Vec<CardFault>>,
}

/// What one side says.
#[derive(Debug, Serialize)]
struct Page {
    #[serde(flatten)]
    evidence: PageEvidence,
    stages_ms: BTreeMap<app::Stage, f64>,
}

pub(crate) fn run(command: &Command, options: &Options) -> Result<ExitCode, Failure> {
    let Command::Read { front, back } = command;
    let app = options.app_with_documents(1)?;
    let now = SystemClock.now();
    let today = Day::of(now);
    let front = page(&app, front, today)?;
    let back = back.as_ref().map(|back| page(&app, back, today)).transpose()?;
    let fields = best_fields(&front, back.as_ref());
    let judgement = app.judge_document(&front.evidence, back.as_ref().map(|back| &back.evidence), now);
    let egyptian_faults = egyptian_faults(&front, back.as_ref(), today);
    let document = Document { front, back, fields, judgement, egyptian_faults };
    if options.json {
        print_json(&document)?;
    } else {
        print_text(&text(&document))?;
    }
    Ok(if document.fields.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn page(app: &App, path: &Path, today: Day) -> Result<Page, Failure> {
    let PageReading { evidence, stages, .. } = app.read_document(&app.photo(path)?, today)?;
    let stages_ms = stages.into_iter().map(|(stage, took)| (stage, took.as_secs_f64() * 1_000.0)).collect();
    Ok(Page { evidence, stages_ms })
}

fn best_fields(front: &Page, back: Option<&Page>) -> BTreeMap<FieldName, String> {
    let all: Vec<&Field> =
        front.evidence.fields.iter().chain(back.into_iter().flat_map(|back| &back.evidence.fields)).collect();
    let mut best = BTreeMap::new();
    for source in [FieldSource::Barcode, FieldSource::Mrz, FieldSource::Printed] {
        for field in all.iter().filter(|field| field.source == source) {
            best.entry(field.name).or_insert_with(|| field.value.clone());
        }
    }
    best
}

/// What does not agree on the sides of an Egyptian card, if it is one.
fn egyptian_faults(front: &Page, back: Option<&Page>, today: Day) -> Option<Vec<CardFault>> {
    let pages = std::iter::once(front).chain(back).map(|page| &page.evidence);
    let cards: Vec<&PageEvidence> = pages.filter(|page| page.is_egyptian_card()).collect();
    (!cards.is_empty()).then(|| CardText::of(&cards).faults(today))
}

fn text(document: &Document) -> String {
    let mut text = String::new();
    for (side, page) in [("front", Some(&document.front)), ("back", document.back.as_ref())] {
        let Some(Page { evidence, .. }) = page else { continue };
        let _ = writeln!(text, "{side}:");
        if let Some(kind) = evidence.kind {
            let _ = writeln!(text, "  {}", word(&kind));
        }
        for fault in &evidence.faults {
            let _ = writeln!(text, "  {}", word(fault));
        }
        if let Some(mrz) = &evidence.mrz {
            let wrong: Vec<String> = mrz.wrong.iter().map(word).collect();
            let checks = if wrong.is_empty() {
                "its check digits fit".to_owned()
            } else {
                format!("check digits that do not fit: {}", wrong.join(", "))
            };
            let _ = writeln!(text, "  machine-readable zone {}, {checks}", word(&mrz.format));
            for open in &mrz.ambiguous {
                let _ = writeln!(text, "  {} can be read in more than one way", word(open));
            }
        }
        if let Some(barcode) = &evidence.barcode {
            let _ =
                writeln!(text, "  bar code of issuer {}, AAMVA version {}", barcode.issuer, barcode.version);
        }
        let mut fields: Vec<&Field> = evidence.fields.iter().collect();
        fields.sort_by_key(|field| (field.name, field.source));
        for field in fields {
            let _ = writeln!(
                text,
                "  {:<16} {:<8} {} ({:.0} %)",
                word(&field.name),
                word(&field.source),
                field.value,
                field.confidence * 100.0
            );
        }
        if evidence.fields.is_empty() {
            let _ =
                writeln!(text, "  nothing was read: take the whole document, sharp and without a reflection");
        }
    }
    let _ = writeln!(text, "judged by {}:", document.judgement.policy);
    for check in &document.judgement.checks {
        let answer = check.answer.map_or_else(|| "not answered".to_owned(), |answer| word(&answer));
        let reasons: Vec<String> = check.reasons.iter().map(word).collect();
        let _ = writeln!(text, "  {:<18} {answer:<12} {}", word(&check.name), reasons.join(", "));
    }
    for fault in document.egyptian_faults.iter().flatten() {
        let _ = writeln!(text, "does not fit: {}", word(fault));
    }
    text
}

/// The word of a name, as in the JSON, with spaces.
fn word<T: Serialize>(name: &T) -> String {
    let json = serde_json::to_value(name).ok();
    json.as_ref().and_then(|json| json.as_str()).unwrap_or_default().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use domain::{DocumentPolicy, ForgerySignal, Timestamp};

    use super::*;

    #[test]
    fn the_text_and_the_json_say_what_the_rules_say() {
        let evidence = PageEvidence {
            forgery: ForgerySignal { print: Some(0.9), ..ForgerySignal::default() },
            ..PageEvidence::default()
        };
        let policy = DocumentPolicy::STANDARD;
        let checks = policy.judge_pages(&evidence, None, Timestamp::from_millis(1_795_000_000_000));
        let document = Document {
            front: Page { evidence, stages_ms: BTreeMap::new() },
            back: None,
            fields: BTreeMap::new(),
            judgement: JudgedPages { policy: policy.version, checks },
            egyptian_faults: None,
        };
        let text = text(&document);
        assert!(text.contains(&format!("judged by {}", policy.version)), "{text}");
        assert!(text.contains("document liveness  challenge    document presentation attack"), "{text}");
        let json = serde_json::to_value(&document).unwrap();
        assert_eq!(json["judgement"]["checks"][2]["reasons"][0], "document_presentation_attack");
        assert_eq!(json["judgement"]["checks"][2]["answer"], "challenge");
    }
}
