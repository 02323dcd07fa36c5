//! For each reason what it leads to, and why.

use proptest::prelude::*;

use super::*;
use crate::document::{
    CaptureVerdict, CheckDigit, DocumentKind, ForgerySignal, HistorySignal, ImageFault, MrzFormat, MrzSignal,
    PageFault, PageSide, PortraitSignal, SelfieEvidence,
};
use crate::{
    Blind, CaptureFault, ComparisonSignal, EnrollmentId, Fpir, LivenessSignal, PhotoEvidence, QualitySignal,
    Reason, SearchSignal, Similarity,
};

const POLICY: DocumentPolicy = DocumentPolicy::STANDARD;

const GOOD: QualitySignal = QualitySignal {
    sharpness: 90,
    exposure: 90,
    size: 90,
    pose: 90,
    eyes: Some(90),
    occlusion: 90,
    single_face: 100,
    luminance: 120,
};

/// 2026-11-21.
fn now() -> Timestamp {
    Timestamp::from_millis(1_795_219_200_000)
}

fn field(name: FieldName, value: &str, source: FieldSource) -> Field {
    Field { name, value: value.to_owned(), source, confidence: 0.99, corners: None }
}

fn photo() -> PhotoEvidence {
    PhotoEvidence { faces: 1, quality: Some(GOOD) }
}

fn page(fields: Vec<Field>) -> PageEvidence {
    PageEvidence {
        template: Some("uto-id-1".to_owned()),
        kind: Some(DocumentKind::NationalId),
        fields,
        portrait: Some(PortraitSignal { bounds: [0.0, 0.0, 10.0, 10.0], eye_distance_px: 60.0 }),
        forgery: ForgerySignal {
            screen: Some(0.1),
            print: Some(0.1),
            portrait: Some(0.1),
            text: Some(0.1),
            ..ForgerySignal::default()
        },
        ..PageEvidence::default()
    }
}

fn mrz(wrong: Vec<CheckDigit>) -> MrzSignal {
    MrzSignal { format: MrzFormat::Td1, lines: vec![], wrong, ambiguous: vec![], confidence: 0.99 }
}

fn search(matched: bool, is_measured: bool) -> SearchSignal {
    SearchSignal {
        members: 10,
        left_out: 0,
        nearest: Similarity::new(0.4),
        threshold: Similarity::clamped(0.8),
        threshold_cosine: 0.5,
        fpir: Fpir::STANDARD,
        is_measured,
        matched: matched.then_some(EnrollmentId::from_bytes([1; 16])),
    }
}

/// An identity card in order, and its holder.
fn in_order() -> DocumentEvidence {
    let printed = |name, value| field(name, value, FieldSource::Printed);
    let read = |name, value| field(name, value, FieldSource::Mrz);
    let front = page(vec![
        printed(FieldName::Surname, "ERIKSSON"),
        printed(FieldName::GivenNames, "Anna Maria"),
        printed(FieldName::DateOfBirth, "1974-08-12"),
        printed(FieldName::DocumentNumber, "D23145890"),
        printed(FieldName::DateOfExpiry, "2030-04-15"),
    ]);
    let mut back = page(vec![
        read(FieldName::Surname, "ERIKSSON"),
        read(FieldName::GivenNames, "ANNA MARIA"),
        read(FieldName::DateOfBirth, "1974-08-12"),
        read(FieldName::DocumentNumber, "D23145890"),
        read(FieldName::DateOfExpiry, "2030-04-15"),
    ]);
    back.mrz = Some(mrz(vec![]));
    DocumentEvidence {
        front: Some(front),
        back: Some(back),
        selfie: SelfieEvidence {
            photo: photo(),
            liveness: Some(LivenessSignal::Scored { score: 0.95 }),
            room: Some(0.4),
            capture: None,
        },
        portrait: Some(photo()),
        comparison: Some(ComparisonSignal {
            similarity: Similarity::clamped(0.9),
            cosine: 0.6,
            fmr_at_threshold: None,
        }),
        blocklist: Some(search(false, true)),
        history: HistorySignal {
            same_document: Some(0),
            denied_document: Some(0),
            ..HistorySignal::default()
        },
        faces: None,
    }
}

fn set(page: &mut Option<PageEvidence>, name: FieldName, value: &str) {
    let field = page.as_mut().unwrap().fields.iter_mut().find(|field| field.name == name).unwrap();
    value.clone_into(&mut field.value);
}

fn assess(change: impl FnOnce(&mut DocumentEvidence)) -> DocumentAssessment {
    let mut evidence = in_order();
    change(&mut evidence);
    POLICY.assess(&evidence, now())
}

/// What `change` leads to: the decision, and the answer and reasons of one check.
fn answer(name: DocumentCheckName, change: impl FnOnce(&mut DocumentEvidence)) -> (Decision, Answer) {
    let assessment = assess(change);
    let check = assessment.checks.into_iter().find(|check| check.name == name).unwrap();
    (assessment.decision, (check.answer, check.reasons))
}

fn challenged(reason: DocumentReason) -> (Decision, Answer) {
    (Decision::Challenge, (Some(Decision::Challenge), vec![reason]))
}

fn denied(reason: DocumentReason) -> (Decision, Answer) {
    (Decision::Deny, (Some(Decision::Deny), vec![reason]))
}

#[test]
fn a_document_in_order_with_its_living_holder_is_allowed() {
    let assessment = assess(|_| {});
    assert_eq!(assessment.decision, Decision::Allow);
    assert!(assessment.checks.iter().all(|check| check.answer == Some(Decision::Allow)));
    assert_eq!(assessment.retake, []);
}

#[test]
fn a_document_whose_data_cannot_be_read_is_challenged_since_the_picture_may_be_at_fault() {
    let change = |evidence: &mut DocumentEvidence| {
        for page in [&mut evidence.front, &mut evidence.back].into_iter().flatten() {
            page.fields.retain(|field| field.name != FieldName::DocumentNumber);
        }
    };
    assert_eq!(
        answer(DocumentCheckName::Validation, change),
        challenged(DocumentReason::DataExtractionFailed)
    );
    assert_eq!(assess(change).retake, [ImageKind::DocumentFront, ImageKind::DocumentBack]);
}

#[test]
fn an_expired_document_is_challenged_since_its_holder_may_be_honest() {
    let change = |end: &'static str| {
        move |evidence: &mut DocumentEvidence| {
            set(&mut evidence.front, FieldName::DateOfExpiry, end);
            set(&mut evidence.back, FieldName::DateOfExpiry, end);
        }
    };
    let expected = challenged(DocumentReason::DataValidationFailed);
    assert_eq!(answer(DocumentCheckName::Validation, change("2026-11-20")), expected);
    assert_eq!(answer(DocumentCheckName::Validation, change("2026-11-21")).0, Decision::Allow);
}

#[test]
fn impossible_dates_are_challenged_since_they_may_be_misread() {
    for born in ["2027-01-01", "1974-02-30", "1974-13-01", "74-08-12", "2031-01-01"] {
        let change = |evidence: &mut DocumentEvidence| {
            set(&mut evidence.front, FieldName::DateOfBirth, born);
            set(&mut evidence.back, FieldName::DateOfBirth, born);
        };
        let expected = challenged(DocumentReason::DataValidationFailed);
        assert_eq!(answer(DocumentCheckName::Validation, change), expected, "{born}");
    }
}

#[test]
fn print_that_contradicts_the_zone_is_challenged_since_print_may_be_misread() {
    let change = |evidence: &mut DocumentEvidence| {
        set(&mut evidence.front, FieldName::DocumentNumber, "D23145899");
    };
    assert_eq!(
        answer(DocumentCheckName::Validation, change),
        challenged(DocumentReason::DataComparisonFailed)
    );
    let doubtful = |evidence: &mut DocumentEvidence| {
        change(evidence);
        evidence.front.as_mut().unwrap().fields.iter_mut().for_each(|field| field.confidence = 0.5);
    };
    assert_eq!(answer(DocumentCheckName::Validation, doubtful).0, Decision::Allow);
}

#[test]
fn a_zone_that_contradicts_the_bar_code_is_denied_since_neither_can_be_misread() {
    let with = |wrong: Vec<CheckDigit>| {
        move |evidence: &mut DocumentEvidence| {
            let back = evidence.back.as_mut().unwrap();
            back.fields.push(field(FieldName::DocumentNumber, "X0000001", FieldSource::Barcode));
            back.mrz = Some(mrz(wrong));
            evidence.front.as_mut().unwrap().fields.retain(|field| field.name != FieldName::DocumentNumber);
        }
    };
    let expected = denied(DocumentReason::DataComparisonFailed);
    assert_eq!(answer(DocumentCheckName::Validation, with(vec![])), expected);
    // With a check digit that does not fit the zone may well be misread.
    let (decision, _) = answer(DocumentCheckName::Validation, with(vec![CheckDigit::DocumentNumber]));
    assert_eq!(decision, Decision::Challenge);
}

#[test]
fn names_may_be_cut_short_or_transliterated() {
    for (printed, zone) in
        [("Müller", "MUELLER"), ("Papadopoulou-Konstantinou", "PAPADOPOULOU"), ("O'Neill", "ONEILL")]
    {
        let change = |evidence: &mut DocumentEvidence| {
            set(&mut evidence.front, FieldName::Surname, printed);
            set(&mut evidence.back, FieldName::Surname, zone);
        };
        assert_eq!(answer(DocumentCheckName::Validation, change).0, Decision::Allow, "{printed}");
    }
    let other = |evidence: &mut DocumentEvidence| set(&mut evidence.front, FieldName::Surname, "SMITH");
    assert_eq!(answer(DocumentCheckName::Validation, other).0, Decision::Challenge);
}

#[test]
fn a_check_digit_that_does_not_fit_is_challenged_since_one_letter_may_be_misread() {
    let change = |evidence: &mut DocumentEvidence| {
        evidence.back.as_mut().unwrap().mrz = Some(mrz(vec![CheckDigit::Composite]));
    };
    assert_eq!(
        answer(DocumentCheckName::Validation, change),
        challenged(DocumentReason::MrzCheckDigitsInvalid)
    );
}

#[test]
fn signs_of_a_forgery_are_challenged_since_they_were_measured_on_simulated_ones() {
    type Sign = fn(&mut ForgerySignal) -> &mut Option<f32>;
    let cases: [(Sign, DocumentCheckName, DocumentReason); 6] = [
        (|sign| &mut sign.portrait, DocumentCheckName::Authentication, DocumentReason::FaceTampering),
        (|sign| &mut sign.text, DocumentCheckName::Authentication, DocumentReason::TextTampering),
        (|sign| &mut sign.portrait_spliced, DocumentCheckName::Authentication, DocumentReason::FaceTampering),
        (|sign| &mut sign.text_spliced, DocumentCheckName::Authentication, DocumentReason::TextTampering),
        (
            |sign| &mut sign.screen,
            DocumentCheckName::DocumentLiveness,
            DocumentReason::DocumentPresentationAttack,
        ),
        (
            |sign| &mut sign.print,
            DocumentCheckName::DocumentLiveness,
            DocumentReason::DocumentPresentationAttack,
        ),
    ];
    for (sign, name, reason) in cases {
        let with = |score| {
            answer(name, |evidence| *sign(&mut evidence.back.as_mut().unwrap().forgery) = Some(score))
        };
        assert_eq!(with(1.0), challenged(reason));
        assert_eq!(with(0.49).0, Decision::Allow);
    }
}

#[test]
fn pages_alone_are_judged_as_in_a_session() {
    let changes: [fn(&mut DocumentEvidence); 3] = [
        |_| {},
        |evidence| evidence.front.as_mut().unwrap().forgery.print = Some(0.9),
        |evidence| set(&mut evidence.front, FieldName::DateOfExpiry, "2020-04-15"),
    ];
    for change in changes {
        let mut evidence = in_order();
        change(&mut evidence);
        let alone = POLICY.judge_pages(evidence.front.as_ref().unwrap(), evidence.back.as_ref(), now());
        assert_eq!(alone, POLICY.assess(&evidence, now()).checks[..3]);
    }
}

#[test]
fn a_document_without_a_portrait_is_challenged_since_there_may_be_a_reflection_on_it() {
    let change = |evidence: &mut DocumentEvidence| evidence.front.as_mut().unwrap().portrait = None;
    assert_eq!(
        answer(DocumentCheckName::Authentication, change),
        challenged(DocumentReason::PortraitNotFound)
    );
    assert_eq!(assess(change).retake, [ImageKind::DocumentFront]);
}

#[test]
fn a_document_that_looks_like_none_that_is_known_is_challenged_since_not_all_are() {
    let change = |evidence: &mut DocumentEvidence| {
        for page in [&mut evidence.front, &mut evidence.back].into_iter().flatten() {
            page.template = None;
        }
    };
    assert_eq!(
        answer(DocumentCheckName::Authentication, change),
        challenged(DocumentReason::TemplateMismatch)
    );
}

#[test]
fn half_of_the_signs_looked_for_is_no_answer_unless_one_is_seen() {
    let only = |forgery: ForgerySignal| {
        move |evidence: &mut DocumentEvidence| {
            for page in [&mut evidence.front, &mut evidence.back].into_iter().flatten() {
                page.forgery = forgery;
            }
        }
    };
    let read = |score| ForgerySignal { print: Some(score), text: Some(score), ..ForgerySignal::default() };
    let spliced = |score| ForgerySignal {
        portrait_spliced: Some(score),
        text_spliced: Some(0.1),
        text: Some(0.1),
        ..ForgerySignal::default()
    };
    let cases = [
        (read as fn(f32) -> _, DocumentCheckName::Authentication, DocumentReason::TextTampering),
        (spliced, DocumentCheckName::Authentication, DocumentReason::FaceTampering),
        (read, DocumentCheckName::DocumentLiveness, DocumentReason::DocumentPresentationAttack),
    ];
    for (of, name, reason) in cases {
        assert_eq!(answer(name, only(of(0.1))), (Decision::Allow, (None, vec![])));
        assert_eq!(answer(name, only(of(0.9))), challenged(reason));
    }
}

#[test]
fn what_was_not_looked_for_is_not_allowed_but_not_answered() {
    let change = |evidence: &mut DocumentEvidence| {
        for page in [&mut evidence.front, &mut evidence.back].into_iter().flatten() {
            page.forgery = ForgerySignal::default();
        }
    };
    for name in [DocumentCheckName::Authentication, DocumentCheckName::DocumentLiveness] {
        assert_eq!(answer(name, change), (Decision::Allow, (None, vec![])));
    }
    let unknown = |evidence: &mut DocumentEvidence| {
        evidence.blocklist = None;
        evidence.history = HistorySignal::default();
    };
    assert_eq!(answer(DocumentCheckName::FlaggedIdentity, unknown), (Decision::Allow, (None, vec![])));
}

#[test]
fn another_face_is_denied_and_a_doubtful_one_challenged() {
    let with = |similarity| {
        answer(DocumentCheckName::Matching, |evidence| {
            let comparison = evidence.comparison.as_mut().unwrap();
            comparison.similarity = Similarity::clamped(similarity);
        })
    };
    assert_eq!(with(0.49), denied(DocumentReason::BiometricMismatch));
    assert_eq!(with(0.6), challenged(DocumentReason::BiometricMismatch));
    assert_eq!(with(0.65).0, Decision::Allow);
}

#[test]
fn a_face_that_was_not_compared_is_challenged_and_never_allowed() {
    let change = |evidence: &mut DocumentEvidence| evidence.comparison = None;
    assert_eq!(answer(DocumentCheckName::Matching, change), (Decision::Challenge, (None, vec![])));
    // A blurred selfie proves neither this person nor another.
    let blurred = |evidence: &mut DocumentEvidence| {
        evidence.selfie.photo.quality = Some(QualitySignal { sharpness: 1, ..GOOD });
        evidence.comparison.as_mut().unwrap().similarity = Similarity::clamped(0.1);
    };
    assert_eq!(answer(DocumentCheckName::Matching, blurred), (Decision::Challenge, (None, vec![])));
    assert_eq!(assess(blurred).retake, [ImageKind::Selfie]);
}

#[test]
fn an_attack_before_the_camera_is_denied_and_a_doubt_challenged() {
    let with = |score| {
        answer(DocumentCheckName::BiometricLiveness, |evidence| {
            evidence.selfie.liveness = Some(LivenessSignal::Scored { score });
        })
    };
    assert_eq!(with(0.1), denied(DocumentReason::SelfieLivenessAttack));
    assert_eq!(with(0.5), challenged(DocumentReason::SelfieLivenessAttack));
    let copy = |evidence: &mut DocumentEvidence| evidence.comparison.as_mut().unwrap().cosine = 0.99;
    let expected = challenged(DocumentReason::SelfieLivenessAttack);
    assert_eq!(answer(DocumentCheckName::BiometricLiveness, copy), expected);
}

#[test]
fn liveness_that_could_not_be_judged_is_challenged_and_never_allowed() {
    let blind = LivenessSignal::CouldNotTell { blind: Blind::NoSurroundings };
    for liveness in [None, Some(blind)] {
        let change = |evidence: &mut DocumentEvidence| evidence.selfie.liveness = liveness;
        assert_eq!(
            answer(DocumentCheckName::BiometricLiveness, change),
            (Decision::Challenge, (None, vec![]))
        );
    }
}

/// The liveness of a selfie whose capture was judged so. Its own score would be refused.
fn captured(
    decision: Option<Decision>,
    reasons: &[Reason],
) -> (Decision, (Option<Decision>, Vec<DocumentReason>)) {
    answer(DocumentCheckName::BiometricLiveness, |evidence| {
        evidence.selfie.liveness = Some(LivenessSignal::Scored { score: 0.1 });
        let reasons = reasons.to_vec();
        evidence.selfie.capture = Some(CaptureVerdict { policy: "presence".to_owned(), decision, reasons });
    })
}

#[test]
fn a_live_capture_answers_for_its_frame() {
    assert_eq!(captured(Some(Decision::Allow), &[]), (Decision::Allow, (Some(Decision::Allow), vec![])));
    let unseen = [Reason::Capture(CaptureFault::TooFewFrames)];
    assert_eq!(captured(None, &unseen), (Decision::Challenge, (None, vec![])));
    // Measured on drawn people only.
    let fault = |fault| captured(Some(Decision::Deny), &[Reason::Capture(fault)]);
    assert_eq!(fault(CaptureFault::FlatFace), challenged(DocumentReason::SelfieLivenessAttack));
    assert_eq!(fault(CaptureFault::FramesRecycled), challenged(DocumentReason::InjectionAttack));
    assert_eq!(fault(CaptureFault::SeveralFaces), challenged(DocumentReason::MultipleFaces));
    // Measured on real attacks.
    let attack = captured(Some(Decision::Deny), &[Reason::PresentationAttack]);
    assert_eq!(attack, denied(DocumentReason::SelfieLivenessAttack));
    assert_eq!(captured(Some(Decision::Challenge), &[]), challenged(DocumentReason::SelfieLivenessAttack));
}

#[test]
fn several_people_in_a_selfie_are_challenged_since_somebody_may_pass_by() {
    let change = |evidence: &mut DocumentEvidence| {
        evidence.selfie.photo.quality = Some(QualitySignal { single_face: 10, ..GOOD });
    };
    let expected = challenged(DocumentReason::MultipleFaces);
    assert_eq!(answer(DocumentCheckName::BiometricLiveness, change), expected);
}

#[test]
fn the_document_or_face_of_another_person_is_challenged_since_it_may_be_a_second_account() {
    let expected = challenged(DocumentReason::SeveralIdentities);
    let number = |evidence: &mut DocumentEvidence| evidence.history.same_document = Some(1);
    assert_eq!(answer(DocumentCheckName::FlaggedIdentity, number), expected);
    // Two people may resemble each other.
    let face = |evidence: &mut DocumentEvidence| evidence.history.same_face = Similarity::new(1.0);
    assert_eq!(answer(DocumentCheckName::FlaggedIdentity, face), expected);
}

#[test]
fn a_document_that_was_denied_before_is_challenged_since_its_owner_may_be_back() {
    let change = |evidence: &mut DocumentEvidence| evidence.history.denied_document = Some(3);
    let expected = challenged(DocumentReason::PreviousDocumentFraud);
    assert_eq!(answer(DocumentCheckName::FlaggedIdentity, change), expected);
}

#[test]
fn a_face_like_one_that_was_denied_is_challenged_and_one_of_the_blocklist_denied() {
    let reason = DocumentReason::PreviousFaceFraud;
    let like = |evidence: &mut DocumentEvidence| evidence.history.denied_face = Similarity::new(0.9);
    assert_eq!(answer(DocumentCheckName::FlaggedIdentity, like), challenged(reason));
    let listed = |is_measured| {
        answer(DocumentCheckName::FlaggedIdentity, |evidence| {
            evidence.blocklist = Some(search(true, is_measured));
        })
    };
    assert_eq!(listed(true), denied(reason));
    // Beyond what was measured a hit is no more than a resemblance.
    assert_eq!(listed(false), challenged(reason));
}

#[test]
fn nothing_is_made_again_where_something_speaks_against_the_person() {
    let assessment = assess(|evidence| {
        evidence.front.as_mut().unwrap().faults.push(PageFault::Glare);
        evidence.selfie.liveness = Some(LivenessSignal::Scored { score: 0.0 });
    });
    assert_eq!((assessment.decision, assessment.retake), (Decision::Deny, vec![]));
    let honest = assess(|evidence| evidence.front.as_mut().unwrap().faults.push(PageFault::Glare));
    assert_eq!(honest.retake, [ImageKind::DocumentFront]);
}

#[test]
fn a_photo_instead_of_a_document_is_asked_nothing_of_documents() {
    let assessment = assess(|evidence| {
        (evidence.front, evidence.back) = (None, None);
    });
    assert_eq!(assessment.decision, Decision::Allow);
    for check in &assessment.checks[..3] {
        assert_eq!(check.answer, None);
    }
}

#[test]
fn the_two_sides_must_be_asked_for_and_belong_together() {
    let fault = |kind, side, own, front| {
        let page = PageEvidence { side, kind: Some(own), ..page(vec![]) };
        POLICY.page_fault(kind, &page, front)
    };
    let wrong = Some(ImageFault::Page(PageFault::WrongSide));
    let (card, passport) = (DocumentKind::NationalId, DocumentKind::Passport);
    assert_eq!(fault(ImageKind::DocumentFront, Some(PageSide::Back), card, None), wrong);
    assert_eq!(fault(ImageKind::DocumentBack, Some(PageSide::Front), card, Some(card)), wrong);
    assert_eq!(fault(ImageKind::DocumentBack, Some(PageSide::Back), card, Some(card)), None);
    let other = fault(ImageKind::DocumentBack, Some(PageSide::Back), card, Some(passport));
    assert_eq!(other, Some(ImageFault::NotMatching));
    assert_eq!(fault(ImageKind::DocumentFront, None, card, None), None);
}

proptest! {
    #[test]
    fn nobody_is_allowed_without_a_compared_live_face_and_the_data(
        similarity in 0.0_f32..=1.0, score in 0.0_f32..=1.0, compared: bool, judged: bool, read: bool,
    ) {
        let assessment = assess(|evidence| {
            evidence.comparison.as_mut().unwrap().similarity = Similarity::clamped(similarity);
            evidence.selfie.liveness = judged.then_some(LivenessSignal::Scored { score });
            if !compared { evidence.comparison = None; }
            if !read {
                evidence.front.as_mut().unwrap().fields.clear();
                evidence.back.as_mut().unwrap().fields.clear();
            }
        });
        let face = POLICY.face;
        let all_good = compared && judged && read && similarity >= face.similarity.pass
            && score >= face.liveness.pass;
        prop_assert_eq!(assessment.decision == Decision::Allow, all_good);
    }
}

#[test]
fn a_date_without_its_day_is_compared_as_far_as_it_goes() {
    let facts = |issued: &str| DocumentFacts {
        issued_on: Some(issued.to_owned()),
        expires_on: Some("2029-05-14".to_owned()),
        ..DocumentFacts::default()
    };
    for issued in ["2026-11-XX", "2026-10-XX", "2026-XX-XX", "2019-05-XX"] {
        assert!(dates_are_possible(&facts(issued), "2026-11-05"), "{issued}");
    }
    for issued in ["2026-12-XX", "2027-XX-XX", "2026-11-06"] {
        assert!(!dates_are_possible(&facts(issued), "2026-11-05"), "{issued}");
    }
}
