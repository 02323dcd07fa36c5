//! A document without its holder.

use super::super::{
    DocumentCheck, DocumentFacts, DocumentKind, DocumentReason, ImageFault, ImageKind, PageEvidence,
    PageFault, PageSide, PagesFault, PictureAdvice, WantedDocument,
};
use super::{Day, DocumentPolicy, is_date};
use crate::{Decision, Timestamp};

/// What follows from the pages of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagesAssessment {
    /// What to do.
    pub decision: Decision,
    /// The checks of the document.
    pub checks: [DocumentCheck; 3],
    /// Why it is not taken, heaviest first; empty where it is.
    pub faults: Vec<PagesFault>,
    /// Version of the policy.
    pub policy: &'static str,
}

impl DocumentPolicy {
    /// Turns what was measured on the pages of the document that is `wanted` into a decision. Total: any evidence has an
    /// assessment.
    ///
    /// Nothing is allowed of which a side cannot be read, that is another document, or that says too little.
    pub fn assess_pages(
        &self,
        wanted: &WantedDocument,
        front: &PageEvidence,
        back: Option<&PageEvidence>,
        now: Timestamp,
    ) -> PagesAssessment {
        let checks = self.judge_pages(front, back, now);
        let faults = self.pages_faults(wanted, front, back, &checks, now);
        let decision = if checks.iter().any(|check| check.answer == Some(Decision::Deny)) {
            Decision::Deny
        } else if faults.is_empty() {
            Decision::Allow
        } else {
            Decision::Challenge
        };
        PagesAssessment { decision, checks, faults, policy: self.version }
    }

    fn pages_faults(
        &self,
        wanted: &WantedDocument,
        front: &PageEvidence,
        back: Option<&PageEvidence>,
        checks: &[DocumentCheck],
        now: Timestamp,
    ) -> Vec<PagesFault> {
        let pages: Vec<&PageEvidence> = [Some(front), back].into_iter().flatten().collect();
        let facts = DocumentFacts::of(&pages);
        let has = |reason| checks.iter().any(|check| check.reasons.contains(&reason));
        let sign = |of: fn(&PageEvidence) -> Option<f32>| {
            pages.iter().filter_map(|page| of(page)).any(|sign| sign >= self.forgery)
        };
        let is_sure = checks.iter().any(|check| {
            check.answer == Some(Decision::Deny)
                && check.reasons.contains(&DocumentReason::DataComparisonFailed)
        });
        let contradicts = has(DocumentReason::DataComparisonFailed);
        let today = Day::of(now);
        let has_expired = facts.expires_on.as_deref().is_some_and(|end| is_before(end, today));
        let found = [
            (is_another(wanted, &pages, &facts), PagesFault::AnotherDocument),
            (sign(|page| page.forgery.screen), PagesFault::Screen),
            (sign(|page| page.forgery.print), PagesFault::Photocopy),
            (has(DocumentReason::FaceTampering), PagesFault::PortraitReplaced),
            (has(DocumentReason::TextTampering), PagesFault::TextReplaced),
            (contradicts && is_sure, PagesFault::SureContradiction),
            (has(DocumentReason::MrzCheckDigitsInvalid), PagesFault::ZoneInvalid),
            (contradicts && !is_sure, PagesFault::Contradiction),
            (has_expired, PagesFault::Expired),
            (self.is_underage(&facts, today), PagesFault::Underage),
            (has(DocumentReason::DataValidationFailed) && !has_expired, PagesFault::DateImpossible),
            (has(DocumentReason::PortraitNotFound), PagesFault::PortraitNotFound),
            (has(DocumentReason::DataExtractionFailed), PagesFault::DataNotFound),
        ];
        let mut faults: Vec<PagesFault> = self
            .unread(PageSide::Front, front, None)
            .into_iter()
            .chain(back.and_then(|back| self.unread(PageSide::Back, back, front.kind)))
            .chain(found.into_iter().filter_map(|(holds, fault)| holds.then_some(fault)))
            .collect();
        faults.sort_unstable();
        faults.dedup();
        faults
    }

    /// Why a side cannot be read, or is that of another document.
    fn unread(&self, side: PageSide, page: &PageEvidence, front: Option<DocumentKind>) -> Option<PagesFault> {
        let kind = match side {
            PageSide::Front => ImageKind::DocumentFront,
            PageSide::Back => ImageKind::DocumentBack,
        };
        Some(match (self.page_fault(kind, page, front)?, side) {
            (ImageFault::Page(fault), PageSide::Front) => PagesFault::Front(fault),
            (ImageFault::Page(fault), PageSide::Back) => PagesFault::Back(fault),
            (ImageFault::NotMatching | ImageFault::Selfie(_), _) => PagesFault::AnotherDocument,
        })
    }

    fn is_underage(&self, facts: &DocumentFacts, today: Day) -> bool {
        let year = today.year().saturating_sub(u16::from(self.of_age));
        // Whoever was born on the 29th of February is of age a day later in a year without one.
        let latest = Day::new(year, today.month(), today.day()).or_else(|| Day::new(year, today.month(), 28));
        let is_known = |born: &&str| is_date(born) && !born.contains('X');
        let born = facts.born_on.as_deref().filter(is_known);
        born.zip(latest).is_some_and(|(born, latest)| born > latest.to_string().as_str())
    }

    /// What keeps the picture of a side of the document that is `wanted` from being of use; `None` where nothing does.
    /// `luminance` is the mean of the picture's levels, 0..255.
    pub fn advice(
        &self,
        wanted: &WantedDocument,
        side: PageSide,
        page: &PageEvidence,
        luminance: u8,
    ) -> Option<PictureAdvice> {
        let facts = DocumentFacts::of(&[page]);
        let fault = match self.unread(side, page, None) {
            Some(PagesFault::Front(fault) | PagesFault::Back(fault)) => Some(match fault {
                PageFault::Blur => PictureAdvice::Blurred,
                PageFault::Glare => PictureAdvice::Reflection,
                PageFault::FaceNotFound => PictureAdvice::FaceNotFound,
                PageFault::DocumentNotFound
                | PageFault::SeveralDocuments
                | PageFault::Obstructed
                | PageFault::WrongSide
                | PageFault::NotSupported
                | PageFault::BarcodeNotFound => PictureAdvice::DocumentNotFound,
            }),
            Some(_) => Some(PictureAdvice::DocumentNotFound),
            None if is_another(wanted, &[page], &facts) => return Some(PictureAdvice::DocumentNotFound),
            None if side == PageSide::Front && page.portrait.is_none() => {
                return Some(PictureAdvice::FaceNotFound);
            }
            None => None,
        };
        let is_dark = luminance < self.dark_under;
        let may_be_dark = |advice| matches!(advice, PictureAdvice::Blurred | PictureAdvice::DocumentNotFound);
        fault.map(|advice| if is_dark && may_be_dark(advice) { PictureAdvice::Dark } else { advice })
    }
}

/// Whether something on the pages says that they are of another document. What says nothing does not.
fn is_another(wanted: &WantedDocument, pages: &[&PageEvidence], facts: &DocumentFacts) -> bool {
    let is_of_another_kind = pages.iter().any(|page| page.kind.is_some_and(|kind| kind != wanted.kind));
    let issuers = facts.country.as_deref().zip(wanted.country.as_deref());
    is_of_another_kind || issuers.is_some_and(|(issuer, wanted)| !issuer.eq_ignore_ascii_case(wanted))
}

/// Whether `date` has passed, as far as it is known.
fn is_before(date: &str, today: Day) -> bool {
    let known = date.find("-X").unwrap_or(date.len());
    let today = today.to_string();
    is_date(date) && date.get(..known) < today.get(..known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, FieldName, FieldSource, ForgerySignal, MrzFormat, MrzSignal, PortraitSignal};

    /// 2026-11-22.
    const NOW: Timestamp = Timestamp::from_millis(1_795_305_600_000);

    fn field(name: FieldName, value: &str, source: FieldSource) -> Field {
        Field { name, value: value.to_owned(), source, confidence: 1.0, corners: None }
    }

    fn card(side: PageSide) -> PageEvidence {
        let printed = |name, value| field(name, value, FieldSource::Printed);
        PageEvidence {
            template: Some("a card".to_owned()),
            kind: Some(DocumentKind::NationalId),
            side: Some(side),
            fields: match side {
                PageSide::Front => vec![
                    printed(FieldName::FullName, "Ana Muster"),
                    printed(FieldName::DateOfBirth, "1990-01-31"),
                    printed(FieldName::DocumentNumber, "B1234567"),
                    printed(FieldName::DateOfExpiry, "2030-01-31"),
                ],
                PageSide::Back => vec![printed(FieldName::IssuingCountry, "CHL")],
            },
            portrait: (side == PageSide::Front)
                .then_some(PortraitSignal { bounds: [0.0; 4], eye_distance_px: 80.0 }),
            ..PageEvidence::default()
        }
    }

    fn wanted(kind: DocumentKind, country: Option<&str>) -> WantedDocument {
        WantedDocument { kind, country: country.map(str::to_owned) }
    }

    fn assess(front: &PageEvidence, back: &PageEvidence) -> PagesAssessment {
        let wanted = wanted(DocumentKind::NationalId, Some("CHL"));
        DocumentPolicy::STANDARD.assess_pages(&wanted, front, Some(back), NOW)
    }

    fn with(name: FieldName, value: &str) -> PageEvidence {
        let mut front = card(PageSide::Front);
        for field in front.fields.iter_mut().filter(|field| field.name == name) {
            value.clone_into(&mut field.value);
        }
        front
    }

    #[test]
    fn a_sound_card_is_allowed() {
        let made = assess(&card(PageSide::Front), &card(PageSide::Back));
        assert_eq!((made.decision, made.faults), (Decision::Allow, vec![]));
    }

    #[test]
    fn each_fault_is_found_and_allows_nothing() {
        let (front, back) = (card(PageSide::Front), card(PageSide::Back));
        let blurred = PageEvidence { faults: vec![PageFault::Blur], ..front.clone() };
        let lost = PageEvidence { faults: vec![PageFault::DocumentNotFound], ..PageEvidence::default() };
        let licence = PageEvidence { kind: Some(DocumentKind::DriversLicense), ..front.clone() };
        let faceless = PageEvidence { portrait: None, ..front.clone() };
        let signed = |forgery| PageEvidence { forgery, ..front.clone() };
        let print = signed(ForgerySignal { print: Some(0.9), ..ForgerySignal::default() });
        let screen = signed(ForgerySignal { screen: Some(0.9), ..ForgerySignal::default() });
        let text = signed(ForgerySignal { text: Some(0.9), ..ForgerySignal::default() });
        let mrz = MrzSignal {
            format: MrzFormat::Td1,
            lines: vec![],
            wrong: vec![crate::CheckDigit::Composite],
            ambiguous: vec![],
            confidence: 1.0,
        };
        let zone = PageEvidence { mrz: Some(mrz), ..back.clone() };
        let foreign = PageEvidence {
            fields: vec![field(FieldName::IssuingCountry, "PER", FieldSource::Printed)],
            ..back.clone()
        };
        let other_number = PageEvidence {
            fields: vec![field(FieldName::DocumentNumber, "B7654321", FieldSource::Mrz)],
            ..back.clone()
        };
        for (front, back, fault) in [
            (&blurred, &back, PagesFault::Front(PageFault::Blur)),
            (&front, &lost, PagesFault::Back(PageFault::DocumentNotFound)),
            (&back, &back, PagesFault::Front(PageFault::WrongSide)),
            (&front, &front, PagesFault::Back(PageFault::WrongSide)),
            (&licence, &back, PagesFault::AnotherDocument),
            (&front, &foreign, PagesFault::AnotherDocument),
            (&screen, &back, PagesFault::Screen),
            (&print, &back, PagesFault::Photocopy),
            (&text, &back, PagesFault::TextReplaced),
            (&front, &zone, PagesFault::ZoneInvalid),
            (&front, &other_number, PagesFault::Contradiction),
            (&with(FieldName::DateOfExpiry, "2026-11-21"), &back, PagesFault::Expired),
            (&with(FieldName::DateOfBirth, "2008-11-23"), &back, PagesFault::Underage),
            (&with(FieldName::DateOfBirth, "1990-02-31"), &back, PagesFault::DateImpossible),
            (&faceless, &back, PagesFault::PortraitNotFound),
            (&with(FieldName::DocumentNumber, ""), &back, PagesFault::DataNotFound),
        ] {
            let made = assess(front, back);
            assert_eq!(made.faults.first(), Some(&fault), "{fault:?}");
            assert_eq!(made.decision, Decision::Challenge, "{fault:?}");
        }
    }

    #[test]
    fn the_last_day_of_a_document_and_the_day_of_age_count() {
        let back = card(PageSide::Back);
        for front in [with(FieldName::DateOfExpiry, "2026-11-22"), with(FieldName::DateOfBirth, "2008-11-22")]
        {
            assert_eq!(assess(&front, &back).decision, Decision::Allow);
        }
    }

    #[test]
    fn two_secured_places_that_differ_are_denied() {
        let secured = |number| PageEvidence {
            fields: [
                card(PageSide::Front).fields,
                vec![field(FieldName::DocumentNumber, number, FieldSource::Barcode)],
            ]
            .concat(),
            ..card(PageSide::Front)
        };
        let back = PageEvidence {
            fields: vec![field(FieldName::DocumentNumber, "B7654321", FieldSource::Barcode)],
            ..card(PageSide::Back)
        };
        let made = assess(&secured("B1234567"), &back);
        assert_eq!((made.decision, made.faults[0]), (Decision::Deny, PagesFault::SureContradiction));
        assert!(made.faults[0].speaks_against());
    }

    #[test]
    fn a_picture_is_advised_on_by_what_can_be_mended() {
        let policy = DocumentPolicy::STANDARD;
        let front = card(PageSide::Front);
        let with = |fault| PageEvidence { faults: vec![fault], ..front.clone() };
        let any = wanted(DocumentKind::NationalId, None);
        for (wanted, side, page, luminance, advice) in [
            (&any, PageSide::Front, &front, 20, None),
            (&any, PageSide::Back, &front, 128, Some(PictureAdvice::DocumentNotFound)),
            (&any, PageSide::Front, &with(PageFault::Blur), 128, Some(PictureAdvice::Blurred)),
            (&any, PageSide::Front, &with(PageFault::Blur), 20, Some(PictureAdvice::Dark)),
            (&any, PageSide::Front, &with(PageFault::Glare), 20, Some(PictureAdvice::Reflection)),
            (&any, PageSide::Front, &with(PageFault::Obstructed), 128, Some(PictureAdvice::DocumentNotFound)),
            (
                &any,
                PageSide::Front,
                &PageEvidence { portrait: None, ..front.clone() },
                128,
                Some(PictureAdvice::FaceNotFound),
            ),
            (
                &wanted(DocumentKind::Passport, None),
                PageSide::Front,
                &front,
                128,
                Some(PictureAdvice::DocumentNotFound),
            ),
        ] {
            assert_eq!(policy.advice(wanted, side, page, luminance), advice, "{luminance}");
        }
    }
}
