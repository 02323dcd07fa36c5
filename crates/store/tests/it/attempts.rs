//! Enrollments and verifications, and what belongs to them.

use domain::{
    About, Attempt, Decision, Demand, Enrollment, EnrollmentFailure, EnrollmentState, Fpir, Origin,
    SubjectId, Verification, VerificationState,
};
use serde_json::json;
use store::{Digest, Page, StoreError};

use crate::fixture::{
    OTHER, PHOTO, SUBJECT, TEMPLATE, TENANT, artifact, enrollment, event, fixture, judgement, later, now,
    verification,
};

#[tokio::test]
async fn an_enrollment_is_read_in_every_state_as_it_was_written() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(tx.insert_enrollment(&enrollment(1)).await.unwrap());
    assert_eq!(tx.enrollment(TENANT, enrollment(1).id).await.unwrap(), Some(enrollment(1)));
    for state in [
        EnrollmentState::AwaitingVerification,
        EnrollmentState::Enrolled,
        EnrollmentState::Failed(EnrollmentFailure::NoFace),
        EnrollmentState::Failed(EnrollmentFailure::FormatNotSupported),
        EnrollmentState::Failed(EnrollmentFailure::FaceBlocked),
        EnrollmentState::Failed(EnrollmentFailure::VerificationFailed),
        EnrollmentState::Failed(EnrollmentFailure::NoReference),
        EnrollmentState::Failed(EnrollmentFailure::System),
    ] {
        let changed = Enrollment { state, updated_at: later(7), ..enrollment(1) };
        tx.save_enrollment(&changed).await.unwrap();
        assert_eq!(tx.enrollment(TENANT, changed.id).await.unwrap(), Some(changed));
    }
    assert!(matches!(tx.save_enrollment(&enrollment(2)).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn a_second_enrollment_of_a_subject_waits_for_the_failure_of_the_first() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(tx.insert_enrollment(&enrollment(1)).await.unwrap());
    assert!(!tx.insert_enrollment(&enrollment(2)).await.unwrap());
    let failed =
        Enrollment { state: EnrollmentState::Failed(EnrollmentFailure::NoReference), ..enrollment(1) };
    tx.save_enrollment(&failed).await.unwrap();
    assert!(tx.insert_enrollment(&enrollment(2)).await.unwrap());
    assert_eq!(tx.latest_enrollment(TENANT, SUBJECT).await.unwrap(), Some(enrollment(2)));
    assert_eq!(
        tx.enrollments(TENANT, Some(SUBJECT), &Page::first(9)).await.unwrap(),
        [enrollment(2), failed.clone()]
    );
    let after = Page { after: Some((now(), enrollment(2).id.to_string())), limit: 9 };
    assert_eq!(tx.enrollments(TENANT, None, &after).await.unwrap(), [failed]);
    assert_eq!(tx.latest_enrollment(OTHER, SUBJECT).await.unwrap(), None);
}

#[tokio::test]
async fn a_reference_face_is_kept_replaced_and_deleted_with_its_enrollment() {
    let fixture = fixture().await;
    let about = About::Enrollment(enrollment(1).id);
    let mut tx = fixture.store.begin().await.unwrap();
    tx.insert_enrollment(&enrollment(1)).await.unwrap();
    assert_eq!(tx.reference(&enrollment(1)).await.unwrap(), None);
    for face in [b"first".as_slice(), TEMPLATE] {
        tx.put_reference(&enrollment(1), face).await.unwrap();
    }
    assert_eq!(tx.reference(&enrollment(1)).await.unwrap().as_deref(), Some(TEMPLATE));
    tx.delete_reference(&enrollment(1)).await.unwrap();
    assert_eq!(tx.reference(&enrollment(1)).await.unwrap(), None);
    tx.put_reference(&enrollment(1), TEMPLATE).await.unwrap();
    tx.set_upload(about, Digest::from_bytes([1; 32]), now()).await.unwrap();
    tx.insert_artifact(&artifact(1, about)).await.unwrap();
    tx.append_event(&event(1, about)).await.unwrap();

    assert!(!tx.delete_enrollment(OTHER, enrollment(1).id).await.unwrap());
    assert!(tx.delete_enrollment(TENANT, enrollment(1).id).await.unwrap());
    assert!(!tx.delete_enrollment(TENANT, enrollment(1).id).await.unwrap());
    assert_eq!(tx.enrollment(TENANT, enrollment(1).id).await.unwrap(), None);
    assert_eq!(tx.reference(&enrollment(1)).await.unwrap(), None);
    assert_eq!(tx.upload(about).await.unwrap(), None);
    assert_eq!(tx.artifacts(about).await.unwrap(), []);
    // What happened to it is still to be told.
    assert_eq!(tx.events(about).await.unwrap(), [event(1, about)]);
}

#[tokio::test]
async fn a_verification_is_read_in_every_state_as_it_was_written() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    let first =
        Verification { demand: Demand { blocklist: Fpir::new(1e-4), ..Demand::NOTHING }, ..verification(1) };
    assert!(tx.insert_verification(&first, &json!({})).await.unwrap());
    assert!(tx.insert_verification(&verification(2), &json!({})).await.unwrap());
    assert_eq!(tx.verification(TENANT, first.id).await.unwrap(), Some(first));
    for state in [
        VerificationState::Processing,
        VerificationState::Concluded(None),
        VerificationState::Concluded(Some(Decision::Allow)),
        VerificationState::Concluded(Some(Decision::Challenge)),
        VerificationState::Concluded(Some(Decision::Deny)),
        VerificationState::Expired,
        VerificationState::Failed,
    ] {
        let changed =
            Verification { state, submitted_at: Some(later(1)), ended_at: Some(later(2)), ..verification(2) };
        tx.save_verification(&changed).await.unwrap();
        assert_eq!(tx.verification(TENANT, changed.id).await.unwrap(), Some(changed));
    }
    assert!(matches!(tx.save_verification(&verification(3)).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn one_attempt_follows_another_and_only_one() {
    let fixture = fixture().await;
    let retry = |number| Verification {
        attempt: Attempt { retry_of: Some(verification(1).id), ..verification(1).attempt },
        created_at: later(u64::from(number)),
        ..verification(number)
    };
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(tx.insert_verification(&verification(1), &json!({})).await.unwrap());
    assert_eq!(tx.retry_of(verification(1).id).await.unwrap(), None);
    assert!(tx.insert_verification(&retry(2), &json!({})).await.unwrap());
    assert!(!tx.insert_verification(&retry(3), &json!({})).await.unwrap());
    assert_eq!(tx.retry_of(verification(1).id).await.unwrap(), Some(verification(2).id));
    let all = [retry(2), verification(1)];
    assert_eq!(tx.verifications(TENANT, Origin::Truora, None, &Page::first(9)).await.unwrap(), all);
    assert_eq!(tx.verifications(TENANT, Origin::Truora, Some(SUBJECT), &Page::first(9)).await.unwrap(), all);
    let nobody = Some(SubjectId::from_bytes([9; 16]));
    assert_eq!(tx.verifications(TENANT, Origin::Truora, nobody, &Page::first(9)).await.unwrap(), []);
}

#[tokio::test]
async fn the_document_of_a_dialect_is_kept_and_replaced() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    let first = verification(1);
    assert!(matches!(tx.extra(&first).await, Err(StoreError::Missing { .. })));
    tx.insert_verification(&first, &json!({"v": 1, "flow": null})).await.unwrap();
    assert_eq!(tx.extra(&first).await.unwrap(), json!({"v": 1, "flow": null}));
    tx.save_extra(&first, &json!([2])).await.unwrap();
    assert_eq!(tx.extra(&first).await.unwrap(), json!([2]));
}

#[tokio::test]
async fn a_judgement_is_read_as_it_was_made_and_made_once() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    tx.insert_verification(&verification(1), &json!({})).await.unwrap();
    assert_eq!(tx.judgement(&verification(1)).await.unwrap(), None);
    tx.insert_judgement(&verification(1), &judgement()).await.unwrap();
    assert_eq!(tx.judgement(&verification(1)).await.unwrap(), Some(judgement()));
    let again = tx.insert_judgement(&verification(1), &judgement()).await;
    assert!(matches!(again, Err(StoreError::Database(_))), "{again:?}");
}

#[tokio::test]
async fn photos_are_listed_by_what_they_are_about_and_by_when_they_are_due() {
    let fixture = fixture().await;
    let about = About::Verification(verification(1).id);
    let kept = store::Artifact { delete_after: None, ..artifact(3, about) };
    let mut tx = fixture.store.begin().await.unwrap();
    for photo in [artifact(2, about), artifact(1, about), kept.clone()] {
        tx.insert_artifact(&photo).await.unwrap();
    }
    assert_eq!(tx.artifact(TENANT, kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(tx.artifacts(about).await.unwrap(), [artifact(1, about), artifact(2, about), kept]);
    assert_eq!(tx.artifacts_due(later(999), 9).await.unwrap(), []);
    assert_eq!(tx.artifacts_due(later(1_000), 9).await.unwrap(), [artifact(1, about)]);
    assert_eq!(tx.artifacts_due(later(9_000), 1).await.unwrap(), [artifact(1, about)]);
    let moved = store::Artifact { delete_after: Some(later(7)), ..artifact(3, about) };
    let untouched = About::Enrollment(enrollment(1).id);
    tx.insert_artifact(&artifact(4, untouched)).await.unwrap();
    tx.delete_artifacts_after(untouched, later(4_000)).await.unwrap();
    assert_eq!(tx.artifacts(untouched).await.unwrap(), [artifact(4, untouched)]);
    tx.delete_artifact(TENANT, artifact(4, untouched).id).await.unwrap();
    assert!(!tx.delete_artifact(OTHER, artifact(1, about).id).await.unwrap());
    assert!(tx.delete_artifact(TENANT, artifact(1, about).id).await.unwrap());
    assert_eq!(tx.artifacts_due(later(9_000), 9).await.unwrap(), [artifact(2, about)]);
    tx.delete_artifact(TENANT, artifact(2, about).id).await.unwrap();
    tx.delete_artifacts_after(about, later(7)).await.unwrap();
    assert_eq!(tx.artifacts_due(later(7), 9).await.unwrap(), [moved]);
}

#[tokio::test]
async fn events_keep_their_order_and_their_numbers_are_not_given_again() {
    let fixture = fixture().await;
    let about = About::Verification(verification(1).id);
    let other = About::Enrollment(enrollment(1).id);
    fixture
        .write(async |tx| {
            for (number, about) in [(3, about), (1, other), (2, about)] {
                tx.append_event(&event(number, about)).await?;
            }
            Ok(())
        })
        .await;
    // What is rolled back leaves no hole that a reader would wait for.
    let mut dropped = fixture.store.begin().await.unwrap();
    dropped.append_event(&event(4, about)).await.unwrap();
    drop(dropped);
    let mut tx = fixture.read().await;
    let all = tx.events_after(0, 9).await.unwrap();
    assert_eq!(
        all.iter().map(|(_, event)| *event).collect::<Vec<_>>(),
        [event(3, about), event(1, other), event(2, about)]
    );
    assert_eq!(tx.events_after(all[0].0, 1).await.unwrap(), [all[1]]);
    assert_eq!(tx.events_after(all[2].0, 9).await.unwrap(), []);
    assert_eq!(tx.events(about).await.unwrap(), [event(3, about), event(2, about)]);
}

#[tokio::test]
async fn the_accepted_upload_is_known_by_its_digest() {
    let fixture = fixture().await;
    let about = About::Verification(verification(1).id);
    let digest = fixture.store.digest(TENANT, PHOTO).await.unwrap();
    assert_eq!(digest, fixture.store.digest(TENANT, PHOTO).await.unwrap());
    assert_ne!(digest, fixture.store.digest(TENANT, b"another").await.unwrap());
    assert_ne!(digest, fixture.store.digest(OTHER, PHOTO).await.unwrap());
    fixture.write(async |tx| tx.set_upload(about, digest, now()).await).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.upload(about).await.unwrap(), Some(digest));
    assert_eq!(tx.upload(About::Enrollment(enrollment(1).id)).await.unwrap(), None);
}
