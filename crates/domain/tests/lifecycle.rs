//! Random commands at random times, driven through the state machines of verifications and enrollments.

use std::time::Duration;

use domain::{
    ArtifactId, Attempt, Check, CheckName, Confirmation, Deadline, Decision, Demand, DocumentKind,
    DocumentPages, Enrollment, EnrollmentCommand, EnrollmentFailure, EnrollmentId, EnrollmentState,
    EventKind, Fpir, MinimumPrecision, Origin, Outcome, PageSide, Purpose, REFERENCE_DEADLINE, Refused,
    Similarity, SubjectId, TenantId, Timestamp, Verification, VerificationCommand, VerificationId,
    VerificationState, WantedDocument,
};
use proptest::prelude::*;

const DEADLINE_MS: i64 = 300_000;

fn verification(demand: Demand, remaining: u8) -> Verification {
    Verification {
        id: VerificationId::from_bytes([1; 16]),
        tenant: TenantId::from_bytes([2; 16]),
        subject: SubjectId::from_bytes([3; 16]),
        enrollment: (!demand.is_search_only()).then_some(EnrollmentId::from_bytes([4; 16])),
        origin: Origin::Truora,
        demand,
        pages: None,
        state: VerificationState::Capturing,
        attempt: Attempt { retry_of: None, remaining, retry_ttl: Duration::from_mins(5) },
        created_at: Timestamp::from_millis(0),
        deadline: Deadline(Timestamp::from_millis(DEADLINE_MS)),
        submitted_at: None,
        ended_at: None,
    }
}

fn enrollment(confirmation: Confirmation) -> Enrollment {
    Enrollment {
        id: EnrollmentId::from_bytes([1; 16]),
        tenant: TenantId::from_bytes([2; 16]),
        subject: SubjectId::from_bytes([3; 16]),
        origin: Origin::Truora,
        purpose: Purpose::Reference,
        confirmation,
        blocklist: None,
        state: EnrollmentState::AwaitingReference,
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
    }
}

#[derive(Debug, Clone)]
enum Step {
    Submit,
    Conclude(Vec<Check>),
    Expire,
    Fail,
}

impl Step {
    fn command(&self) -> VerificationCommand<'_> {
        match self {
            Step::Submit => VerificationCommand::Submit,
            Step::Conclude(checks) => VerificationCommand::Conclude(checks),
            Step::Expire => VerificationCommand::Expire,
            Step::Fail => VerificationCommand::Fail,
        }
    }
}

fn checks() -> impl Strategy<Value = Vec<Check>> {
    let name = prop::sample::select(vec![
        CheckName::ReferenceUsable,
        CheckName::SelfieUsable,
        CheckName::Blocklist,
        CheckName::Similarity,
        CheckName::SelfieIsNew,
        CheckName::Liveness,
        CheckName::SpeechMatch,
    ]);
    let outcome = prop::sample::select(vec![
        Outcome::Passed,
        Outcome::Passed,
        Outcome::Passed,
        Outcome::Borderline,
        Outcome::Failed,
        Outcome::CouldNotTell,
    ]);
    let check = (name, outcome).prop_map(|(name, outcome)| Check { name, outcome, reasons: vec![] });
    let all_passed = Just(
        Demand {
            similarity: Similarity::new(0.65),
            liveness: true,
            blocklist: Some(Fpir::STANDARD),
            presence: false,
            speech: Some(MinimumPrecision::High),
        }
        .questions()
        .into_iter()
        .map(|name| Check { name, outcome: Outcome::Passed, reasons: vec![] })
        .collect(),
    );
    prop_oneof![prop::collection::vec(check, 0..8), all_passed]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Submit),
        Just(Step::Submit),
        checks().prop_map(Step::Conclude),
        checks().prop_map(Step::Conclude),
        Just(Step::Expire),
        Just(Step::Fail)
    ]
}

fn demand() -> impl Strategy<Value = Demand> {
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(similarity, liveness, blocklist, speech)| Demand {
            similarity: Similarity::new(0.65).filter(|_| similarity || (!liveness && !blocklist && !speech)),
            liveness,
            blocklist: blocklist.then_some(Fpir::STANDARD),
            speech: speech.then_some(MinimumPrecision::High),
            ..Demand::NOTHING
        },
    )
}

proptest! {
    #[test]
    fn nobody_is_allowed_without_every_check(
        demand in demand(),
        steps in prop::collection::vec((step(), 0_i64..2 * DEADLINE_MS), 1..12),
    ) {
        let mut now = verification(demand, 1);
        let mut events = 0;
        for (step, at) in steps {
            let at = Timestamp::from_millis(at);
            let before = now.clone();
            match now.apply(step.command(), at) {
                Err(_) => prop_assert_eq!(&now, &before, "a refused command changes nothing"),
                Ok((next, event)) => {
                    prop_assert!(!matches!(
                        before.state,
                        VerificationState::Concluded(_) | VerificationState::Expired | VerificationState::Failed
                    ), "what has ended stays as it is");
                    events += usize::from(event.is_some());
                    if next.is_allowed() {
                        let Step::Conclude(checks) = &step else { panic!("only checks allow anybody") };
                        for name in demand.questions() {
                            prop_assert!(checks.iter().any(|check| check.name == name), "no check of {:?}", name);
                        }
                        prop_assert!(checks.iter().all(|check| check.outcome == Outcome::Passed));
                        prop_assert_eq!(before.state, VerificationState::Processing);
                        prop_assert!(before.submitted_at.is_some_and(|at| !before.deadline.has_passed(at)));
                        let is_search = demand.is_search_only();
                        let told = if is_search { EventKind::SearchSucceeded } else { EventKind::VerificationSucceeded };
                        prop_assert_eq!(event, Some(told));
                    }
                    prop_assert_eq!(next.ended_at.is_some(), event.is_some(), "every end is told once");
                    now = next;
                }
            }
        }
        prop_assert!(events <= 1);
    }

    #[test]
    fn no_document_is_allowed_without_all_its_sides_in_time(
        has_back in any::<bool>(),
        steps in prop::collection::vec((0_usize..9, 0_i64..2 * DEADLINE_MS), 1..16),
    ) {
        let kind = if has_back { DocumentKind::NationalId } else { DocumentKind::Passport };
        let nothing = Demand::NOTHING;
        let pages = Some(DocumentPages::of(WantedDocument { kind, country: None }));
        let mut now = Verification { pages, enrollment: None, ..verification(nothing, 2) };
        let mut events = 0;
        for (number, (which, at)) in steps.into_iter().enumerate() {
            let at = Timestamp::from_millis(at);
            let image = ArtifactId::from_bytes([number as u8; 16]);
            let deadline = Deadline(at.plus(Duration::from_mins(1)));
            let command = [
                VerificationCommand::TakePage { side: PageSide::Front, image },
                VerificationCommand::TakePage { side: PageSide::Back, image },
                VerificationCommand::Decide(Decision::Allow),
                VerificationCommand::Decide(Decision::Challenge),
                VerificationCommand::Submit,
                VerificationCommand::Conclude(&[]),
                VerificationCommand::Expire,
                VerificationCommand::Restore(deadline),
                VerificationCommand::Fail,
            ][which];
            let before = now.clone();
            let Ok((next, event)) = now.apply(command, at) else { continue };
            prop_assert!(!matches!(before.state, VerificationState::Concluded(_) | VerificationState::Failed));
            prop_assert!(!matches!(command, VerificationCommand::Submit | VerificationCommand::Conclude(_)));
            events += usize::from(event.is_some());
            if next.is_allowed() {
                prop_assert_eq!(command, VerificationCommand::Decide(Decision::Allow));
                prop_assert!(next.pages.as_ref().is_some_and(DocumentPages::is_complete));
                prop_assert!(next.submitted_at.is_some_and(|at| !next.deadline.has_passed(at)));
                prop_assert_eq!(event, Some(EventKind::DocumentSucceeded));
            }
            if matches!(command, VerificationCommand::Restore(_)) {
                prop_assert_eq!(before.state, VerificationState::Expired);
                prop_assert_eq!(next.attempt.remaining + 1, before.attempt.remaining);
                prop_assert_eq!(event, Some(EventKind::DocumentCreated));
            }
            let taken = |side| before.pages.as_ref().and_then(|pages| pages.get(side));
            for side in [PageSide::Front, PageSide::Back] {
                let kept = next.pages.as_ref().and_then(|pages| pages.get(side));
                prop_assert!(taken(side).is_none() || kept == taken(side), "a side is taken once");
            }
            now = next;
        }
        // Two restorations, each with an end before, and an end.
        prop_assert!(events <= 5);
    }

    #[test]
    fn a_face_counts_only_after_its_photo_and_its_confirmation(
        vouched in any::<bool>(),
        listed in any::<bool>(),
        steps in prop::collection::vec((0_usize..6, 0_i64..30 * 3_600_000), 1..12),
    ) {
        let confirmation = if vouched { Confirmation::None } else { Confirmation::Verification };
        let purpose = if listed { Purpose::Blocklist } else { Purpose::Reference };
        let mut now = Enrollment { purpose, ..enrollment(confirmation) };
        let (mut referred, mut confirmed, mut events) = (false, false, 0);
        for (which, at) in steps {
            let command = [
                EnrollmentCommand::Refer,
                EnrollmentCommand::Fail(EnrollmentFailure::NoFace),
                EnrollmentCommand::Confirm,
                EnrollmentCommand::Refute,
                EnrollmentCommand::Expire,
                EnrollmentCommand::Refer,
            ][which];
            if let Ok((next, event)) = now.apply(command, Timestamp::from_millis(at)) {
                referred |= command == EnrollmentCommand::Refer;
                confirmed |= command == EnrollmentCommand::Confirm;
                events += usize::from(event.is_some());
                now = next;
            }
            if now.state == EnrollmentState::Enrolled {
                prop_assert!(referred && (listed || vouched || confirmed));
            }
            prop_assert_eq!(now.is_usable(), !listed && matches!(
                now.state,
                EnrollmentState::AwaitingVerification | EnrollmentState::Enrolled
            ));
            prop_assert!(!listed || now.state != EnrollmentState::AwaitingVerification);
            prop_assert!(!now.is_usable() || referred);
        }
        prop_assert!(events <= 1, "success or failure is told once");
    }
}

fn passed(names: &[CheckName]) -> Vec<Check> {
    names.iter().map(|name| Check { name: *name, outcome: Outcome::Passed, reasons: vec![] }).collect()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

#[test]
fn a_selfie_after_the_deadline_is_too_late_and_at_the_deadline_is_not() {
    let open = verification(Demand { similarity: Similarity::new(0.65), ..Demand::NOTHING }, 0);
    assert!(open.apply(VerificationCommand::Submit, at(DEADLINE_MS)).is_ok());
    assert_eq!(open.apply(VerificationCommand::Submit, at(DEADLINE_MS + 1)), Err(Refused::TooLate));
    assert_eq!(open.apply(VerificationCommand::Expire, at(DEADLINE_MS)), Err(Refused::NotNow));
    let (expired, event) = open.apply(VerificationCommand::Expire, at(DEADLINE_MS + 1)).unwrap();
    assert_eq!((expired.state, event), (VerificationState::Expired, Some(EventKind::VerificationFailed)));
    assert!(!expired.is_declined(), "nothing was judged");
}

#[test]
fn an_accepted_selfie_does_not_expire() {
    let open = verification(Demand { similarity: Similarity::new(0.65), ..Demand::NOTHING }, 0);
    let (processing, event) = open.apply(VerificationCommand::Submit, at(10)).unwrap();
    assert_eq!(event, None);
    assert_eq!(processing.apply(VerificationCommand::Expire, at(DEADLINE_MS * 9)), Err(Refused::NotNow));
    assert_eq!(processing.apply(VerificationCommand::Submit, at(11)), Err(Refused::NotNow));
}

#[test]
fn a_missing_check_leaves_the_decision_open() {
    let demand = Demand { similarity: Similarity::new(0.65), liveness: true, ..Demand::NOTHING };
    let (processing, _) = verification(demand, 0).apply(VerificationCommand::Submit, at(1)).unwrap();
    let all = demand.questions();
    let end = |names: &[CheckName]| {
        processing.apply(VerificationCommand::Conclude(&passed(names)), at(2)).unwrap().0
    };
    assert_eq!(end(&all).state, VerificationState::Concluded(Some(Decision::Allow)));
    for missing in 0..all.len() {
        let mut names = all.clone();
        names.remove(missing);
        assert_eq!(end(&names).state, VerificationState::Concluded(None));
        names.push(names[0]);
        assert_eq!(
            end(&names).state,
            VerificationState::Concluded(None),
            "one check twice is not two checks"
        );
    }
}

#[test]
fn another_attempt_follows_a_refusal_while_some_are_left() {
    let demand = Demand { similarity: Similarity::new(0.65), liveness: true, ..Demand::NOTHING };
    let refused = |remaining| {
        let (processing, _) =
            verification(demand, remaining).apply(VerificationCommand::Submit, at(1)).unwrap();
        let mut checks = passed(&demand.questions());
        checks[2].outcome = Outcome::Failed;
        processing.apply(VerificationCommand::Conclude(&checks), at(2_000)).unwrap().0
    };
    assert_eq!(refused(1).retry_deadline(), Some(Deadline(at(302_000))));
    assert_eq!(refused(0).retry_deadline(), None);
    assert!(refused(0).is_declined());
}

#[test]
fn a_refutation_undoes_only_what_still_waits() {
    let (waiting, _) = enrollment(Confirmation::Verification).apply(EnrollmentCommand::Refer, at(5)).unwrap();
    assert_eq!(waiting.state, EnrollmentState::AwaitingVerification);
    let (refuted, event) = waiting.apply(EnrollmentCommand::Refute, at(6)).unwrap();
    assert_eq!(refuted.state, EnrollmentState::Failed(EnrollmentFailure::VerificationFailed));
    assert_eq!(event, Some(EventKind::EnrollmentFailed));
    assert!(!refuted.blocks_another());
    let (enrolled, _) = waiting.apply(EnrollmentCommand::Confirm, at(6)).unwrap();
    assert_eq!(enrolled.apply(EnrollmentCommand::Refute, at(7)), Ok((enrolled.clone(), None)));
    assert_eq!(refuted.apply(EnrollmentCommand::Refer, at(8)), Err(Refused::Closed));
}

#[test]
fn an_enrollment_waits_a_day_for_its_photo() {
    let end = i64::try_from(REFERENCE_DEADLINE.as_millis()).unwrap();
    let open = enrollment(Confirmation::None);
    assert!(open.apply(EnrollmentCommand::Refer, at(end)).is_ok());
    assert_eq!(open.apply(EnrollmentCommand::Refer, at(end + 1)), Err(Refused::TooLate));
    assert_eq!(open.apply(EnrollmentCommand::Expire, at(end)), Err(Refused::NotNow));
    let (failed, event) = open.apply(EnrollmentCommand::Expire, at(end + 1)).unwrap();
    assert_eq!(failed.state, EnrollmentState::Failed(EnrollmentFailure::NoReference));
    assert_eq!(event, Some(EventKind::EnrollmentFailed));
}

#[test]
fn a_face_for_the_blocklist_counts_with_its_photo_and_tells_of_it_in_its_own_words() {
    let listed = Enrollment { purpose: Purpose::Blocklist, ..enrollment(Confirmation::None) };
    let (counts, event) = listed.apply(EnrollmentCommand::Refer, at(5)).unwrap();
    assert_eq!((counts.state, event), (EnrollmentState::Enrolled, Some(EventKind::BlockSucceeded)));
    assert!(!counts.is_usable() && counts.blocks_another());
    let no_face = EnrollmentCommand::Fail(EnrollmentFailure::NoFace);
    assert_eq!(listed.apply(no_face, at(5)).unwrap().1, Some(EventKind::BlockFailed));
}
