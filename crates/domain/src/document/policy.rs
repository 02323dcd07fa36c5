//! The rules that turn what was measured in a session into checks.

mod card;
mod liveness;
mod pages;

use std::collections::BTreeSet;

use liveness::LivenessAnswer;
pub use pages::PagesAssessment;

use super::{
    Day, DocumentAssessment, DocumentCheck, DocumentCheckName, DocumentEvidence, DocumentFacts,
    DocumentReason, Field, FieldName, FieldSource, ImageKind, PageEvidence,
};
use crate::{Decision, Outcome, Policy, Timestamp};

/// A versioned set of rules for documents. A decision names the version under which it was made.
///
/// [`Decision::Deny`] says that somebody is probably deceiving, so only what was measured on real attacks, or cannot come
/// about by a misreading, leads to it. Everything else that is not in order leads to [`Decision::Challenge`]: somebody
/// looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DocumentPolicy {
    /// Name of this set; changes with any rule.
    pub version: &'static str,
    /// Thresholds of faces, the same as everywhere.
    pub face: Policy,
    /// From this sign of a forgery on somebody should look, 0..1. The signs were measured on simulated forgeries.
    pub forgery: f32,
    /// Fields that were read with less confidence are not held against each other, 0..1.
    pub confident: f32,
    /// With less room around it, as a share of its height, a face is cut off.
    pub cropped_under: f32,
    /// With less room a face lies at the edge.
    pub at_the_edge_under: f32,
    /// Two pictures of a face that differ by less where they differ most, in levels of 255, are one picture.
    pub same_shot_under: f32,
    /// From how many years on somebody is of age.
    pub of_age: u8,
    /// A picture of a document with a lower mean of its levels is dark, 0..255. Tells why it is of no use, never that.
    pub dark_under: u8,
}

type Answer = (Option<Decision>, Vec<DocumentReason>);

impl DocumentPolicy {
    /// The rules of now.
    pub const STANDARD: DocumentPolicy = DocumentPolicy {
        version: "document-2026-11.5",
        face: Policy::STANDARD,
        // Where the engine sets the middle of its scores: 0 of 60 genuine drawn documents have more (docs/documents.md).
        forgery: 0.5,
        // Chosen, not measured: a doubtful character is no contradiction.
        confident: 0.8,
        // Chosen, not measured: the detector's box reaches a little beyond the face.
        cropped_under: -0.1,
        at_the_edge_under: 0.0,
        // Of 60 pairs of frames a third of a second apart in 10 videos (`liveportrait`, lip reading) one is under it, and 25
        // of 40 copies of frames that were scaled to 0.3..1 and saved as JPEG at 30..90 are (2026-11-22, the measure of
        // `engine::Grid` in a script).
        same_shot_under: 3.0,
        // The vendor whose word is `underage` says no number; most countries' is this.
        of_age: 18,
        // Chosen, not measured.
        dark_under: 50,
    };

    /// Turns what was measured into checks and a decision. Total: any evidence has an assessment.
    ///
    /// Nobody is allowed whose face was not compared or whose liveness was not judged, nor, where there is a document,
    /// without its data.
    pub fn assess(&self, evidence: &DocumentEvidence, now: Timestamp) -> DocumentAssessment {
        use DocumentCheckName as Name;
        let front = evidence.front.as_ref();
        let document = front.map_or_else(
            || {
                [Name::Validation, Name::Authentication, Name::DocumentLiveness]
                    .map(|name| check(name, (None, vec![])))
            },
            |front| self.judge_pages(front, evidence.back.as_ref(), now),
        );
        let person = [
            check(Name::Matching, self.matching(evidence)),
            check(Name::BiometricLiveness, self.biometric_liveness(evidence)),
            check(Name::FlaggedIdentity, Self::flagged(evidence)),
        ];
        let checks: Vec<DocumentCheck> = document.into_iter().chain(person).collect();
        DocumentAssessment {
            decision: decide(&checks, front.is_some()),
            retake: self.retake(evidence, &checks),
            checks,
            policy: self.version,
        }
    }

    /// What the pages of a document say of it without its holder: the first three checks of [`assess`](Self::assess).
    pub fn judge_pages(
        &self,
        front: &PageEvidence,
        back: Option<&PageEvidence>,
        now: Timestamp,
    ) -> [DocumentCheck; 3] {
        let pages: Vec<&PageEvidence> = [Some(front), back].into_iter().flatten().collect();
        [
            check(DocumentCheckName::Validation, self.validation(&pages, now)),
            check(DocumentCheckName::Authentication, self.authentication(front, &pages)),
            check(DocumentCheckName::DocumentLiveness, self.document_liveness(&pages)),
        ]
    }

    fn validation(&self, pages: &[&PageEvidence], now: Timestamp) -> Answer {
        let facts = DocumentFacts::of(pages);
        let has_number = facts.number.is_some() || facts.personal_number.is_some();
        let is_whole = facts.full_name.is_some() && facts.born_on.is_some() && has_number;
        let has_wrong_digits =
            pages.iter().filter_map(|page| page.mrz.as_ref()).any(|mrz| !mrz.wrong.is_empty());
        let conflict = self.conflict(pages);
        let reasons = [
            (!is_whole, DocumentReason::DataExtractionFailed),
            (!dates_are_possible(&facts, &Day::of(now).to_string()), DocumentReason::DataValidationFailed),
            (conflict.is_some(), DocumentReason::DataComparisonFailed),
            (has_wrong_digits, DocumentReason::MrzCheckDigitsInvalid),
        ];
        // A misreading explains all of it but two machine-readable places, each secured against misreading, that differ.
        challenge(reasons, conflict == Some(Conflict::Secured))
    }

    /// Whether two places of the document say different things, and which.
    fn conflict(&self, pages: &[&PageEvidence]) -> Option<Conflict> {
        let is_secured = |page: &PageEvidence, field: &Field| match field.source {
            FieldSource::Barcode => true,
            FieldSource::Mrz => page.mrz.as_ref().is_some_and(|mrz| mrz.wrong.is_empty()),
            FieldSource::Printed => false,
        };
        let is_clear = |page: &PageEvidence, field: &Field| {
            let ambiguous = page.mrz.as_ref().map_or(&[][..], |mrz| &mrz.ambiguous);
            let is_ambiguous = field.source == FieldSource::Mrz && ambiguous.contains(&field.name);
            field.confidence >= self.confident && !is_ambiguous
        };
        let mut worst = None;
        for name in COMPARED {
            let found: Vec<_> = pages
                .iter()
                .flat_map(|page| page.fields.iter().map(move |field| (*page, field)))
                .filter(|(page, field)| field.name == name && is_clear(page, field))
                .collect();
            for (index, (page, field)) in found.iter().enumerate() {
                for (other_page, other) in &found[index + 1..] {
                    if agree(name, &field.value, &other.value) {
                        continue;
                    }
                    let secured = is_secured(page, field) && is_secured(other_page, other);
                    let is_exact = !NAMES.contains(&name);
                    let conflict = if secured && is_exact { Conflict::Secured } else { Conflict::Perhaps };
                    worst = worst.max(Some(conflict));
                }
            }
        }
        worst
    }

    fn authentication(&self, front: &PageEvidence, pages: &[&PageEvidence]) -> Answer {
        let sign =
            |of: fn(&PageEvidence) -> Option<f32>| pages.iter().filter_map(|page| of(page)).reduce(f32::max);
        let portrait = sign(|page| page.forgery.portrait);
        let text = sign(|page| page.forgery.text);
        let spliced = [sign(|page| page.forgery.portrait_spliced), sign(|page| page.forgery.text_spliced)];
        let is_over = |sign: Option<f32>| sign.is_some_and(|sign| sign >= self.forgery);
        let has_portrait = front.portrait.is_some();
        let is_known = pages.iter().any(|page| page.template.is_some());
        let (answer, reasons) = challenge(
            [
                (is_over(portrait) || is_over(spliced[0]), DocumentReason::FaceTampering),
                (!has_portrait, DocumentReason::PortraitNotFound),
                (is_over(text) || is_over(spliced[1]), DocumentReason::TextTampering),
                (!is_known, DocumentReason::TemplateMismatch),
            ],
            false,
        );
        // Half of the question asked and nothing found is no answer: what a program put in is only one way to forge.
        let was_looked_for = portrait.is_some() && text.is_some();
        (answer.filter(|_| was_looked_for || !reasons.is_empty()), reasons)
    }

    fn document_liveness(&self, pages: &[&PageEvidence]) -> Answer {
        let of = |sign: fn(&PageEvidence) -> Option<f32>| {
            pages.iter().filter_map(|page| sign(page)).reduce(f32::max)
        };
        let signs = [of(|page| page.forgery.screen), of(|page| page.forgery.print)];
        let is_over = signs.iter().flatten().any(|sign| *sign >= self.forgery);
        let (answer, reasons) = challenge([(is_over, DocumentReason::DocumentPresentationAttack)], false);
        // Who looked for prints only has not seen that it is no screen.
        let was_looked_for = signs.iter().all(Option::is_some);
        (answer.filter(|_| was_looked_for || is_over), reasons)
    }

    fn matching(&self, evidence: &DocumentEvidence) -> Answer {
        let Some(comparison) = evidence.comparison else { return (None, vec![]) };
        let is_comparable = evidence
            .selfie
            .photo
            .quality
            .is_some_and(|quality| self.face.unusable(crate::Role::Selfie, &quality).is_empty());
        if !is_comparable {
            return (None, vec![]);
        }
        match self.face.similarity.judge(comparison.similarity.get()) {
            Outcome::Failed => (Some(Decision::Deny), vec![DocumentReason::BiometricMismatch]),
            Outcome::Passed => (Some(Decision::Allow), vec![]),
            Outcome::Borderline | Outcome::CouldNotTell => {
                (Some(Decision::Challenge), vec![DocumentReason::BiometricMismatch])
            }
        }
    }

    fn biometric_liveness(&self, evidence: &DocumentEvidence) -> Answer {
        let mut seen = match &evidence.selfie.capture {
            Some(capture) => LivenessAnswer::of_capture(capture),
            None => LivenessAnswer::of_photo(&self.face, evidence.selfie.liveness),
        };
        let is_copy = evidence.comparison.is_some_and(|found| found.cosine >= self.face.same_picture_cosine);
        let quality = evidence.selfie.photo.quality;
        let is_alone = quality.is_none_or(|quality| quality.single_face >= self.face.quality.single_face);
        if is_copy {
            seen.reasons.insert(DocumentReason::SelfieLivenessAttack);
        }
        if !is_alone {
            seen.reasons.insert(DocumentReason::MultipleFaces);
        }
        let found = seen.reasons.into_iter().map(|reason| (true, reason));
        let (answer, reasons) = challenge(found, seen.is_sure);
        (answer.filter(|_| seen.could_tell || !reasons.is_empty()), reasons)
    }

    fn flagged(evidence: &DocumentEvidence) -> Answer {
        let history = &evidence.history;
        let listed = evidence.blocklist.filter(|found| found.matched.is_some());
        let was_looked_for = evidence.blocklist.is_some() || history.same_document.is_some();
        let is_some = |count: Option<u64>| count.is_some_and(|count| count > 0);
        let (answer, reasons) = challenge(
            [
                (
                    is_some(history.same_document) || history.same_face.is_some(),
                    DocumentReason::SeveralIdentities,
                ),
                // The document may have been stolen then, and be with its owner now.
                (is_some(history.denied_document), DocumentReason::PreviousDocumentFraud),
                // A print before the camera shows its victim, not who held it.
                (listed.is_some() || history.denied_face.is_some(), DocumentReason::PreviousFaceFraud),
            ],
            // Somebody of the tenant put this face on the list, and false alarms were counted at its threshold.
            listed.is_some_and(|found| found.is_measured),
        );
        (answer.filter(|_| was_looked_for || !reasons.is_empty()), reasons)
    }

    /// Which pictures should be made again before anything is concluded: none where something speaks against the person.
    fn retake(&self, evidence: &DocumentEvidence, checks: &[DocumentCheck]) -> Vec<ImageKind> {
        if checks.iter().any(|check| check.answer == Some(Decision::Deny)) {
            return vec![];
        }
        let has = |reason| checks.iter().any(|check| check.reasons.contains(&reason));
        let fault_of = |kind, page: &Option<PageEvidence>| {
            page.as_ref().is_some_and(|page| self.page_fault(kind, page, None).is_some())
        };
        let unread = has(DocumentReason::DataExtractionFailed);
        let front = fault_of(ImageKind::DocumentFront, &evidence.front)
            || unread
            || has(DocumentReason::PortraitNotFound);
        let back = fault_of(ImageKind::DocumentBack, &evidence.back) || unread && evidence.back.is_some();
        [
            (front, ImageKind::DocumentFront),
            (back, ImageKind::DocumentBack),
            (self.selfie_fault(&evidence.selfie).is_some(), ImageKind::Selfie),
        ]
        .into_iter()
        .filter_map(|(again, kind)| again.then_some(kind))
        .collect()
    }
}

fn check(name: DocumentCheckName, (answer, reasons): Answer) -> DocumentCheck {
    DocumentCheck { name, answer, reasons }
}

/// How sure a contradiction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Conflict {
    /// One of the two may have been misread.
    Perhaps,
    /// Neither can have been.
    Secured,
}

/// Fields that are held against each other.
const COMPARED: [FieldName; 8] = [
    FieldName::DocumentNumber,
    FieldName::PersonalNumber,
    FieldName::Surname,
    FieldName::GivenNames,
    FieldName::Sex,
    FieldName::Nationality,
    FieldName::DateOfBirth,
    FieldName::DateOfExpiry,
];

/// Written in another way, and cut short, where a machine is to read them.
const NAMES: [FieldName; 2] = [FieldName::Surname, FieldName::GivenNames];

/// Names of fewer letters than this are not enough to tell a short form from another name.
const SHORT_FORM: usize = 3;

/// Whether two readings of one field say the same.
fn agree(name: FieldName, one: &str, other: &str) -> bool {
    // A transliteration has several right forms.
    if NAMES.contains(&name) && !(one.is_ascii() && other.is_ascii()) {
        return true;
    }
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|sign| sign.to_ascii_uppercase()).collect()
    };
    let (one, other) = (plain(one), plain(other));
    if !NAMES.contains(&name) {
        return one == other;
    }
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    short == long || short.len() >= SHORT_FORM && long.starts_with(short.as_str())
}

/// Whether the dates of a document can be those of one that counts `today`.
fn dates_are_possible(facts: &DocumentFacts, today: &str) -> bool {
    let all = [&facts.born_on, &facts.issued_on, &facts.expires_on];
    let are_dates = all.into_iter().flatten().all(|date| is_date(date));
    // Dates of this form are in the order of their letters, as far as both are known. Where one is missing there is
    // nothing against it.
    let known = |date: &str| date.find("-X").unwrap_or(date.len());
    let not_after = |one: &Option<String>, other: Option<&str>| match (one, other) {
        (Some(one), Some(other)) => {
            let known = known(one).min(known(other));
            one.get(..known) <= other.get(..known)
        }
        _ => true,
    };
    are_dates
        && not_after(&facts.born_on, Some(today))
        && not_after(&facts.issued_on, Some(today))
        && not_after(&facts.born_on, facts.issued_on.as_deref())
        && not_after(&facts.issued_on, facts.expires_on.as_deref())
        && facts.expires_on.as_deref().is_none_or(|end| today <= end)
}

/// Whether `text` is a day of the calendar as `YYYY-MM-DD`. Parts that a document leaves open are `XX`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, digits: usize| -> Option<u16> {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        if part == "XX" { Some(1) } else { part.parse().ok().filter(|_| is_number) }
    };
    let parts = (number(year, 4), number(month, 2), number(day, 2));
    let (Some(year), Some(month), Some(day)) = parts else { return false };
    Day::new(year, month as u8, day as u8).is_some()
}

/// What follows from the checks.
fn decide(checks: &[DocumentCheck], has_document: bool) -> Decision {
    let any = |decision| checks.iter().any(|check| check.answer == Some(decision));
    let needed: BTreeSet<DocumentCheckName> =
        [DocumentCheckName::Matching, DocumentCheckName::BiometricLiveness]
            .into_iter()
            .chain(has_document.then_some(DocumentCheckName::Validation))
            .collect();
    let all_answered = checks
        .iter()
        .filter(|check| check.answer.is_some())
        .filter(|check| needed.contains(&check.name))
        .count()
        == needed.len();
    if any(Decision::Deny) {
        Decision::Deny
    } else if any(Decision::Challenge) || !all_answered {
        Decision::Challenge
    } else {
        Decision::Allow
    }
}

/// The reasons that hold, and what they lead to; `is_sure` where one of them cannot be a mistake.
fn challenge(reasons: impl IntoIterator<Item = (bool, DocumentReason)>, is_sure: bool) -> Answer {
    let reasons: Vec<_> = reasons.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect();
    let answer = match (reasons.is_empty(), is_sure) {
        (true, _) => Decision::Allow,
        (false, true) => Decision::Deny,
        (false, false) => Decision::Challenge,
    };
    (Some(answer), reasons)
}

#[cfg(test)]
mod tests;
