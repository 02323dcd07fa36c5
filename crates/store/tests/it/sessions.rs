//! Sessions in which a document and its holder are looked at.

use std::collections::BTreeSet;

use domain::{
    About, ArtifactId, Deadline, Decision, DocumentJudgement, DocumentKind, DocumentSession, JobId, Origin,
    SessionId, SessionPurpose, SessionState, SubjectId, Taken,
};
use serde_json::json;
use store::{Artifact, Digest, Job, JobKind, NewSession, SameDocument, SessionImage, StoreError};

use crate::erasure::tables_naming;
use crate::fixture::{Fixture, OTHER, PHOTO, SUBJECT, TEMPLATE, TENANT, artifact, fixture, later, now};
use crate::sealing::{files, holds};

const TERMS: &str = "callback of Ada Lovelace";
const NOTE: &str = "front of Ada Lovelace";
const NUMBER: &str = "UTO:L898902C3";
const PERSON: &str = "customer-4711";

pub(crate) fn session(number: u8, subject: SubjectId) -> DocumentSession {
    DocumentSession {
        id: SessionId::from_bytes([number; 16]),
        tenant: TENANT,
        subject,
        origin: Origin::Mosaic,
        purpose: SessionPurpose::Document,
        is_mock: false,
        state: SessionState::Pending,
        taken: Taken::default(),
        front: None,
        retakes_left: 2,
        created_at: now(),
        deadline: Deadline(later(3_600_000)),
        submitted_at: None,
        ended_at: None,
    }
}

fn picture(number: u8, session: &DocumentSession) -> Artifact {
    Artifact { subject: session.subject, ..artifact(number, About::Session(session.id)) }
}

/// A session of a person of its own that was decided, with everything that there can be of one.
async fn add_session(
    fixture: &Fixture,
    number: u8,
    person: Option<&str>,
    decision: Decision,
) -> DocumentSession {
    let subject = fixture.add_subject(SubjectId::from_bytes([number; 16]), &format!("s-{number}")).await;
    let pending = session(number, subject.id);
    let image = picture(number, &pending);
    fixture.store.put_blob(&image, PHOTO.to_vec()).await.unwrap();
    let session = DocumentSession {
        state: SessionState::Concluded(decision),
        taken: Taken { front: Some(image.id), back: None, selfie: None },
        front: Some(DocumentKind::Passport),
        retakes_left: 1,
        submitted_at: Some(later(5)),
        ended_at: Some(later(6)),
        ..pending.clone()
    };
    let job = Job {
        id: JobId::from_bytes([number; 16]),
        kind: JobKind::JudgeSession,
        tenant: TENANT,
        about: About::Session(session.id),
        attempts: 0,
        failures: 0,
        run_at: now(),
        created_at: now(),
    };
    let mut judgement = DocumentJudgement::acted(decision, now());
    judgement.facts.full_name = Some("Ada Lovelace".to_owned());
    fixture
        .write(async |tx| {
            let terms = json!({ "callback": TERMS });
            let start_token = Some(Digest::from_bytes([number; 32]));
            tx.insert_session(&pending, NewSession { terms: &terms, person, start_token, transaction: None })
                .await?;
            tx.insert_artifact(&image).await?;
            let note = json!({ "name": NOTE });
            let kind = domain::ImageKind::DocumentFront;
            let image = SessionImage { artifact: image.id, kind, is_rejected: false, original: None, note };
            tx.insert_session_image(&pending, &image).await?;
            tx.save_session(&session).await?;
            tx.save_session_judgement(&session, &judgement, Some(NUMBER)).await?;
            tx.put_session_face(&session, TEMPLATE).await?;
            tx.enqueue(&job).await
        })
        .await;
    session
}

#[tokio::test]
async fn a_session_reads_back_as_it_was_kept() {
    let fixture = fixture().await;
    let kept = add_session(&fixture, 1, Some(PERSON), Decision::Challenge).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.session(TENANT, kept.id).await.unwrap(), Some(kept.clone()));
    assert_eq!(tx.session_terms(&kept).await.unwrap(), json!({ "callback": TERMS }));
    let judgement = tx.session_judgement(&kept).await.unwrap().unwrap();
    assert_eq!(judgement.facts.full_name.as_deref(), Some("Ada Lovelace"));
    let images = tx.session_images(&kept).await.unwrap();
    assert_eq!((images.len(), images[0].artifact), (1, kept.taken.front.unwrap()));
    assert_eq!(images[0].note, json!({ "name": NOTE }));
    drop(tx);
    for state in [
        SessionState::Pending,
        SessionState::Capturing,
        SessionState::Processing,
        SessionState::Recapture,
        SessionState::Concluded(Decision::Deny),
        SessionState::Expired,
        SessionState::Failed,
    ] {
        let changed = DocumentSession { state, ..kept.clone() };
        fixture.write(async |tx| tx.save_session(&changed).await).await;
        assert_eq!(fixture.read().await.session(TENANT, kept.id).await.unwrap(), Some(changed));
    }
}

#[tokio::test]
async fn nothing_of_a_session_is_found_by_another_tenant() {
    let fixture = fixture().await;
    let kept = add_session(&fixture, 1, Some(PERSON), Decision::Deny).await;
    let stolen = DocumentSession { tenant: OTHER, ..kept.clone() };
    let mut tx = fixture.read().await;
    assert!(tx.session(OTHER, kept.id).await.unwrap().is_none());
    assert!(matches!(tx.session_terms(&stolen).await, Err(StoreError::Missing { .. })));
    assert!(tx.session_judgement(&stolen).await.unwrap().is_none());
    assert!(tx.session_images(&stolen).await.unwrap().is_empty());
    assert!(tx.session_faces(&stolen, None, 9).await.unwrap().0.is_empty());
    assert_eq!(tx.same_document(&stolen, NUMBER).await.unwrap(), SameDocument::default());
    drop(tx);
    let mut tx = fixture.store.begin().await.unwrap();
    assert!(matches!(tx.save_session(&stolen).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn a_token_starts_one_session_once() {
    let fixture = fixture().await;
    let kept = add_session(&fixture, 1, None, Decision::Allow).await;
    let token = Digest::from_bytes([1; 32]);
    let unknown = fixture.write(async |tx| tx.take_start_token(Digest::from_bytes([9; 32])).await).await;
    assert_eq!(unknown, None);
    assert_eq!(fixture.write(async |tx| tx.take_start_token(token).await).await, Some(kept));
    assert_eq!(fixture.write(async |tx| tx.take_start_token(token).await).await, None);
}

#[tokio::test]
async fn sessions_of_others_and_denied_ones_are_found_by_document_and_face() {
    let fixture = fixture().await;
    let own = add_session(&fixture, 1, Some(PERSON), Decision::Allow).await;
    add_session(&fixture, 2, Some(PERSON), Decision::Allow).await;
    let denied = add_session(&fixture, 3, Some(PERSON), Decision::Deny).await;
    let other = add_session(&fixture, 4, Some("customer-2"), Decision::Allow).await;
    // Whose it is nobody knows.
    add_session(&fixture, 5, None, Decision::Allow).await;
    let mut tx = fixture.read().await;
    let found = tx.same_document(&own, NUMBER).await.unwrap();
    assert_eq!(found, SameDocument { of_others: 1, denied: 1 });
    assert_eq!(tx.same_document(&own, "UTO:OTHER").await.unwrap(), SameDocument::default());
    let (faces, _) = tx.session_faces(&own, None, 9).await.unwrap();
    let told: Vec<_> = faces.iter().map(|face| (face.session, face.is_of_another, face.is_denied)).collect();
    assert_eq!(told, [(denied.id, false, true), (other.id, true, false)]);
    assert!(faces.iter().all(|face| face.face == TEMPLATE));
    // In parts.
    let (first, place) = tx.session_faces(&own, None, 1).await.unwrap();
    let (second, end) = tx.session_faces(&own, place, 1).await.unwrap();
    assert_eq!((first[0].session, second[0].session), (denied.id, other.id));
    let (rest, last) = tx.session_faces(&own, end, 1).await.unwrap();
    assert!(rest.is_empty() && last.is_none());
}

#[tokio::test]
async fn an_erased_session_leaves_its_end_in_the_audit_log_and_nothing_else() {
    let fixture = fixture().await;
    let kept = add_session(&fixture, 1, Some(PERSON), Decision::Deny).await;
    let image = ArtifactId::from_bytes([1; 16]);
    let ids = [kept.id.to_string(), kept.subject.to_string(), image.to_string()];
    assert!(tables_naming(&fixture, &ids).await.len() >= 6);
    fixture.write(async |tx| tx.erase_subject_after(TENANT, kept.subject, later(9)).await).await;
    let to_erase = async |at| fixture.read().await.subjects_to_erase(at, 9).await.unwrap();
    assert_eq!(to_erase(later(8)).await, []);
    assert_eq!(to_erase(later(9)).await, [(TENANT, kept.subject)]);
    let erased = fixture.store.erase_subject(TENANT, kept.subject, later(9)).await.unwrap();
    assert_eq!(erased.blobs, 1);
    let subject = [kept.subject.to_string(), kept.id.to_string()];
    assert_eq!(tables_naming(&fixture, &subject).await, BTreeSet::from(["audit".to_owned()]));
    assert!(fixture.read().await.subject(TENANT, SUBJECT).await.unwrap().is_some(), "the others stay");
    assert_eq!(to_erase(later(9)).await, []);
}

#[tokio::test]
async fn no_file_holds_anything_of_a_session_in_plain_text() {
    let fixture = fixture().await;
    add_session(&fixture, 1, Some(PERSON), Decision::Deny).await;
    for (name, bytes) in files(fixture.dir()) {
        for text in ["Ada", "Lovelace", NUMBER, "L898902C3", PERSON, TERMS, NOTE] {
            assert!(!holds(&bytes, text.as_bytes()), "{name} holds {text}");
        }
        for bytes_of in [PHOTO, TEMPLATE] {
            assert!(!holds(&bytes, bytes_of), "{name}");
        }
    }
}
