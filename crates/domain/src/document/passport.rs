//! Whether a picture can be taken as the data page of a passport, and if not, why.

use super::DocumentPolicy;
use crate::{Day, DocumentKind, FieldName, MrzFormat, PageEvidence, PageFault};

/// Why a picture cannot be taken as the data page of a passport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassportFault {
    /// No document is seen, or too little of one to say which.
    NotFound,
    /// It is a side of an Egyptian identity card.
    EgyptianCard,
    /// It is another document, known or not.
    OtherDocument,
    /// It is too blurred, or has too few pixels, to be read.
    Unfocused,
    /// It shows a screen or a print of the passport.
    NotGenuine,
    /// The portrait is not found.
    FaceNotFound,
    /// The machine-readable zone is not found or not whole, a check digit does not fit, or a field stays open.
    Mrz,
    /// It has expired.
    Expired,
}

/// Why `page` cannot be taken as the data page of a passport on `today`, worst first; empty where it can. Another document
/// has that one fault only.
pub fn passport_faults(page: &PageEvidence, today: Day) -> Vec<PassportFault> {
    let zone = page.mrz.as_ref().filter(|mrz| mrz.format == MrzFormat::Td3);
    let has = |fault| page.faults.contains(&fault);
    if zone.is_none() && page.kind != Some(DocumentKind::Passport) {
        let is_other = page.kind.is_some() || page.mrz.is_some() || page.barcode.is_some();
        let instead = match () {
            () if page.is_egyptian_card() => PassportFault::EgyptianCard,
            () if is_other => PassportFault::OtherDocument,
            () if has(PageFault::Blur) => PassportFault::Unfocused,
            () if has(PageFault::NotSupported) && !has(PageFault::Glare) && !has(PageFault::Obstructed) => {
                PassportFault::OtherDocument
            }
            () => PassportFault::NotFound,
        };
        return vec![instead];
    }
    let signs = [page.forgery.screen, page.forgery.print];
    let is_copy = signs.into_iter().flatten().any(|sign| sign >= DocumentPolicy::STANDARD.forgery);
    let is_unsettled = zone.is_none_or(|mrz| !mrz.wrong.is_empty() || !mrz.ambiguous.is_empty());
    let expiry = page.best(FieldName::DateOfExpiry).map(|field| field.value.as_str());
    let seen = [
        (has(PageFault::Blur), PassportFault::Unfocused),
        (is_copy, PassportFault::NotGenuine),
        (page.portrait.is_none(), PassportFault::FaceNotFound),
        (is_unsettled, PassportFault::Mrz),
        (expiry.is_some_and(|expiry| expiry < today.to_string().as_str()), PassportFault::Expired),
    ];
    seen.into_iter().filter(|(there, _)| *there).map(|(_, fault)| fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CheckDigit, Field, FieldSource, ForgerySignal, MrzSignal, PageSide, PortraitSignal};

    fn passport() -> PageEvidence {
        PageEvidence {
            kind: Some(DocumentKind::Passport),
            side: Some(PageSide::Front),
            fields: vec![Field {
                name: FieldName::DateOfExpiry,
                value: "2030-05-14".to_owned(),
                source: FieldSource::Mrz,
                confidence: 1.0,
                corners: None,
            }],
            mrz: Some(MrzSignal {
                format: MrzFormat::Td3,
                lines: vec![],
                wrong: vec![],
                ambiguous: vec![],
                confidence: 0.99,
            }),
            portrait: Some(PortraitSignal { bounds: [0.0; 4], eye_distance_px: 60.0 }),
            ..PageEvidence::default()
        }
    }

    fn today() -> Day {
        Day::new(2026, 11, 22).unwrap()
    }

    #[test]
    fn a_passport_has_no_faults_and_each_of_them_is_told() {
        assert_eq!(passport_faults(&passport(), today()), []);
        assert_eq!(passport_faults(&passport(), Day::new(2030, 5, 14).unwrap()), []);
        assert_eq!(passport_faults(&passport(), Day::new(2030, 5, 15).unwrap()), [PassportFault::Expired]);
        let zone = passport().mrz.unwrap();
        let wrong = MrzSignal { wrong: vec![CheckDigit::Composite], ..zone.clone() };
        let open = MrzSignal { ambiguous: vec![FieldName::DocumentNumber], ..zone };
        let print = ForgerySignal { print: Some(1.0), ..ForgerySignal::default() };
        for (page, fault) in [
            (PageEvidence { mrz: None, ..passport() }, PassportFault::Mrz),
            (PageEvidence { mrz: Some(wrong), ..passport() }, PassportFault::Mrz),
            (PageEvidence { mrz: Some(open), ..passport() }, PassportFault::Mrz),
            (PageEvidence { portrait: None, ..passport() }, PassportFault::FaceNotFound),
            (PageEvidence { forgery: print, ..passport() }, PassportFault::NotGenuine),
            (PageEvidence { faults: vec![PageFault::Blur], ..passport() }, PassportFault::Unfocused),
        ] {
            assert_eq!(passport_faults(&page, today()), [fault], "{page:?}");
        }
    }

    #[test]
    fn another_document_is_told_from_nothing() {
        let bare = PageEvidence::default;
        let (_, card) = crate::egypt::TEMPLATES[0];
        for (page, fault) in [
            (bare(), PassportFault::NotFound),
            (PageEvidence { faults: vec![PageFault::Blur], ..bare() }, PassportFault::Unfocused),
            (PageEvidence { faults: vec![PageFault::NotSupported], ..bare() }, PassportFault::OtherDocument),
            (PageEvidence { kind: Some(DocumentKind::Visa), ..bare() }, PassportFault::OtherDocument),
            (
                PageEvidence {
                    kind: Some(DocumentKind::NationalId),
                    template: Some(card.to_owned()),
                    ..bare()
                },
                PassportFault::EgyptianCard,
            ),
        ] {
            assert_eq!(passport_faults(&page, today()), [fault], "{page:?}");
        }
    }
}
