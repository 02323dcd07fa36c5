//! Whether a picture can be taken as the side of a card that was asked for, and if not, why.

use serde::{Deserialize, Serialize};

use super::CardFault;
use crate::{
    DocumentKind, DocumentPolicy, FieldName, FieldSource, MrzFormat, PageEvidence, PageFault, PageSide,
};

/// Why a picture cannot be taken as a side of an Egyptian card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideFault {
    /// No document is seen, or too little of one to say which.
    CardNotFound,
    /// It is a passport.
    Passport,
    /// It is another document, known or not.
    OtherDocument,
    /// It is the card's other side.
    WrongSide,
    /// It is too blurred, or has too few pixels, to be read.
    Unfocused,
    /// It shows a screen or a print of the card.
    NotGenuine,
    /// The front's portrait is not found.
    FaceNotFound,
    /// What has to be read was not: the fault names the field, as it does where the field is wrong.
    Unread(CardFault),
}

/// What has to be read of the front. The day of birth and the sex are in the number, too; names and addresses are told
/// where they were read.
const FRONT: [(FieldName, CardFault); 2] =
    [(FieldName::PersonalNumber, CardFault::Number), (FieldName::SerialNumber, CardFault::FactoryNumber)];

/// What has to be read of the back.
const BACK: [(FieldName, CardFault); 3] = [
    (FieldName::PersonalNumber, CardFault::Number),
    (FieldName::DateOfIssue, CardFault::ReleaseDate),
    (FieldName::DateOfExpiry, CardFault::ExpiryDateFormat),
];

/// A page that says nothing and is less sharp than this was blurred. Sides of drawn cards that were read in photos had 0.55
/// to 0.76, one with a blur of 12 px had 0.24 (2026-11-22).
const BLURRED: f32 = 0.4;

/// Why `page` cannot be taken as the side `asked` of an Egyptian card, worst first; empty where it can. A page of another
/// document, or the other side, has that one fault only.
pub fn side_faults(page: &PageEvidence, asked: PageSide) -> Vec<SideFault> {
    if !page.is_egyptian_card() {
        return vec![instead(page)];
    }
    if page.side != Some(asked) {
        return vec![SideFault::WrongSide];
    }
    let has = |fault| page.faults.contains(&fault);
    let signs = [page.forgery.screen, page.forgery.print];
    let is_copy = signs.into_iter().flatten().any(|sign| sign >= DocumentPolicy::STANDARD.forgery);
    let required = if asked == PageSide::Front { &FRONT[..] } else { &BACK[..] };
    let unread = required
        .iter()
        .filter(|(name, _)| page.field(*name, FieldSource::Printed).is_none())
        .map(|(_, fault)| (true, SideFault::Unread(*fault)));
    let seen = [
        (has(PageFault::Blur), SideFault::Unfocused),
        (is_copy, SideFault::NotGenuine),
        (asked == PageSide::Front && page.portrait.is_none(), SideFault::FaceNotFound),
    ];
    seen.into_iter().chain(unread).filter(|(there, _)| *there).map(|(_, fault)| fault).collect()
}

/// What a page is that is no side of the card.
fn instead(page: &PageEvidence) -> SideFault {
    let format = page.mrz.as_ref().map(|mrz| mrz.format);
    if page.kind == Some(DocumentKind::Passport) || format == Some(MrzFormat::Td3) {
        return SideFault::Passport;
    }
    if page.kind.is_some() || format.is_some() || page.barcode.is_some() {
        return SideFault::OtherDocument;
    }
    let has = |fault| page.faults.contains(&fault);
    let is_blurred = page.quality.is_some_and(|quality| quality.sharpness < BLURRED);
    if has(PageFault::Blur) || is_blurred {
        SideFault::Unfocused
    } else if has(PageFault::NotSupported) && !has(PageFault::Glare) && !has(PageFault::Obstructed) {
        SideFault::OtherDocument
    } else {
        SideFault::CardNotFound
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::egypt::TEMPLATES;
    use crate::{Field, MrzSignal, PageQuality, PortraitSignal};

    /// A side of which all was read.
    fn card(side: PageSide) -> PageEvidence {
        let names = [
            FieldName::PersonalNumber,
            FieldName::SerialNumber,
            FieldName::DateOfIssue,
            FieldName::DateOfExpiry,
        ];
        let fields = names.map(|name| Field {
            name,
            value: "x".to_owned(),
            source: FieldSource::Printed,
            confidence: 1.0,
            corners: None,
        });
        PageEvidence {
            template: TEMPLATES.iter().find(|(known, _)| *known == side).map(|(_, id)| (*id).to_owned()),
            kind: Some(DocumentKind::NationalId),
            side: Some(side),
            fields: fields.to_vec(),
            portrait: (side == PageSide::Front)
                .then_some(PortraitSignal { bounds: [0.0, 0.0, 9.0, 9.0], eye_distance_px: 4.0 }),
            ..PageEvidence::default()
        }
    }

    /// A page with these faults of which nothing was read.
    fn unknown(faults: &[PageFault]) -> PageEvidence {
        PageEvidence { faults: faults.to_vec(), ..PageEvidence::default() }
    }

    #[test]
    fn a_side_that_was_read_is_taken_as_itself_only() {
        for (side, other) in [(PageSide::Front, PageSide::Back), (PageSide::Back, PageSide::Front)] {
            assert_eq!(side_faults(&card(side), side), []);
            assert_eq!(side_faults(&card(side), other), [SideFault::WrongSide]);
        }
    }

    #[test]
    fn another_document_is_said_to_be_one() {
        let mut passport = card(PageSide::Front);
        (passport.template, passport.kind) = (Some("de-passport".to_owned()), Some(DocumentKind::Passport));
        assert_eq!(side_faults(&passport, PageSide::Front), [SideFault::Passport]);
        let zone = |format| {
            let lines = Vec::new();
            let mrz = MrzSignal { format, lines, wrong: vec![], ambiguous: vec![], confidence: 1.0 };
            PageEvidence { mrz: Some(mrz), ..PageEvidence::default() }
        };
        assert_eq!(side_faults(&zone(MrzFormat::Td3), PageSide::Back), [SideFault::Passport]);
        assert_eq!(side_faults(&zone(MrzFormat::Td1), PageSide::Front), [SideFault::OtherDocument]);
        let licence =
            PageEvidence { kind: Some(DocumentKind::DriversLicense), ..unknown(&[PageFault::Blur]) };
        assert_eq!(side_faults(&licence, PageSide::Front), [SideFault::OtherDocument]);
    }

    #[test]
    fn a_page_that_says_nothing_is_told_by_what_keeps_it_from_being_read() {
        use PageFault as Fault;
        for (faults, said) in [
            (&[Fault::DocumentNotFound][..], SideFault::CardNotFound),
            (&[], SideFault::CardNotFound),
            (&[Fault::Blur, Fault::NotSupported], SideFault::Unfocused),
            (&[Fault::Glare, Fault::NotSupported], SideFault::CardNotFound),
            (&[Fault::Obstructed, Fault::NotSupported], SideFault::CardNotFound),
            (&[Fault::NotSupported], SideFault::OtherDocument),
        ] {
            assert_eq!(side_faults(&unknown(faults), PageSide::Front), [said], "{faults:?}");
        }
        let quality = Some(PageQuality { sharpness: 0.3, glare: 0.0, outline: 1.0 });
        let blurred = PageEvidence { quality, ..unknown(&[Fault::NotSupported]) };
        assert_eq!(side_faults(&blurred, PageSide::Front), [SideFault::Unfocused]);
    }

    #[test]
    fn what_keeps_a_side_from_being_taken_is_told_worst_first() {
        let mut front = card(PageSide::Front);
        front.faults.push(PageFault::Blur);
        front.forgery.print = Some(0.5);
        front.portrait = None;
        front.fields.clear();
        assert_eq!(
            side_faults(&front, PageSide::Front),
            [
                SideFault::Unfocused,
                SideFault::NotGenuine,
                SideFault::FaceNotFound,
                SideFault::Unread(CardFault::Number),
                SideFault::Unread(CardFault::FactoryNumber),
            ]
        );
        let mut back = card(PageSide::Back);
        back.forgery.print = Some(0.49);
        assert_eq!(side_faults(&back, PageSide::Back), [], "a back has no portrait");
        back.fields.clear();
        assert_eq!(
            side_faults(&back, PageSide::Back),
            [CardFault::Number, CardFault::ReleaseDate, CardFault::ExpiryDateFormat].map(SideFault::Unread)
        );
    }
}
