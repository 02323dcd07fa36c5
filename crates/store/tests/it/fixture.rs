//! A store in a folder of its own, with two tenants and a person of the first.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use domain::{
    About, ArtifactId, Attempt, Blind, Check, CheckName, ComparisonSignal, Confirmation, Deadline, Decision,
    Demand, Enrollment, EnrollmentId, EnrollmentState, Event, EventId, EventKind, Evidence, Fmr, Judgement,
    KeyId, LivenessSignal, Origin, Outcome, PhotoEvidence, Purpose, QualitySignal, Reason, Role, Similarity,
    SubjectId, TemplateIds, TenantId, Timestamp, Verification, VerificationId, VerificationState,
};
use serde_json::json;
use store::{Artifact, AuditFilter, Digest, Store, Subject, Tenant, Tx};
use tempfile::TempDir;

/// The tenant of most tests.
pub(crate) const TENANT: TenantId = TenantId::from_bytes([0xa1; 16]);
/// One that must see nothing of the first.
pub(crate) const OTHER: TenantId = TenantId::from_bytes([0xb2; 16]);
/// The person of the first tenant.
pub(crate) const SUBJECT: SubjectId = SubjectId::from_bytes([0xc3; 16]);
/// What the tenant calls the person.
pub(crate) const REFERENCE: &str = "customer-4711@example.org";

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

impl Fixture {
    /// The data folder.
    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Does some writing in one transaction and commits it.
    pub(crate) async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> store::Result<T>) -> T {
        let mut tx = self.store.begin().await.unwrap();
        let value = work(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        value
    }

    pub(crate) async fn read(&self) -> Tx {
        self.store.read().await.unwrap()
    }

    /// A second person of the first tenant.
    pub(crate) async fn add_subject(&self, id: SubjectId, reference: &str) -> Subject {
        let subject = Subject { id, reference: reference.to_owned(), ..subject() };
        self.store.create_subject_key(TENANT, id).await.unwrap();
        assert!(self.write(async |tx| tx.insert_subject(&subject).await).await);
        subject
    }

    /// An enrollment, a judged verification, photos, events and everything else there can be of a person.
    pub(crate) async fn add_history(&self) -> Vec<Artifact> {
        let (enrollment, verification) = (enrollment(1), verification(1));
        let photos = [
            artifact(1, About::Enrollment(enrollment.id)),
            artifact(2, About::Verification(verification.id)),
        ];
        for photo in &photos {
            self.store.put_blob(photo, PHOTO).await.unwrap();
        }
        self.write(async |tx| {
            assert!(tx.insert_enrollment(&enrollment).await?);
            tx.put_reference(&enrollment, TEMPLATE).await?;
            tx.set_upload(About::Enrollment(enrollment.id), Digest::from_bytes([1; 32]), now()).await?;
            assert!(tx.insert_verification(&verification, &json!({"token": EXTRA})).await?);
            tx.insert_attempt(&verification, Some(KeyId::from_bytes([4; 16])), Some("192.0.2.7")).await?;
            tx.decline_attempt(verification.id, later(5)).await?;
            tx.set_upload(About::Verification(verification.id), Digest::from_bytes([2; 32]), now()).await?;
            tx.insert_judgement(&verification, &judgement()).await?;
            for photo in &photos {
                tx.insert_artifact(photo).await?;
            }
            tx.append_event(&event(1, About::Enrollment(enrollment.id))).await?;
            tx.append_event(&event(2, About::Verification(verification.id))).await
        })
        .await;
        photos.to_vec()
    }
}

pub(crate) const PHOTO: &[u8] = b"\xff\xd8\xff the bytes of a photo of Ada Lovelace";
pub(crate) const TEMPLATE: &[u8] = b"the template of the face of Ada Lovelace";
pub(crate) const EXTRA: &str = "what only the dialect reads";

pub(crate) async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let fixture = Fixture { folder, store };
    for id in [TENANT, OTHER] {
        fixture.store.create_tenant_key(id).await.unwrap();
        fixture.write(async |tx| tx.insert_tenant(&tenant(id)).await).await;
    }
    fixture.add_subject(SUBJECT, REFERENCE).await;
    fixture
}

/// The time of most tests.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000)
}

pub(crate) fn later(millis: u64) -> Timestamp {
    now().plus(Duration::from_millis(millis))
}

/// The newest entries of the whole audit log.
pub(crate) fn newest(limit: u32) -> AuditFilter {
    AuditFilter { limit, ..AuditFilter::default() }
}

pub(crate) fn tenant(id: TenantId) -> Tenant {
    Tenant {
        id,
        name: "Example Bank".to_owned(),
        plan: "standard".to_owned(),
        allowed_origins: vec!["https://b.example".to_owned(), "https://a.example".to_owned()],
        similarity_floor_fmr: 1e-4,
        evidence_days: 30,
        created_at: now(),
        suspended_at: None,
        revoked_at: None,
    }
}

pub(crate) fn subject() -> Subject {
    Subject {
        id: SUBJECT,
        tenant: TENANT,
        reference: REFERENCE.to_owned(),
        profile: json!({"first_name": "Ada-of-the-profile", "phones": ["+57 300 1234567"]}),
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn enrollment(number: u8) -> Enrollment {
    Enrollment {
        id: EnrollmentId::from_bytes([number; 16]),
        tenant: TENANT,
        subject: SUBJECT,
        origin: Origin::Truora,
        purpose: Purpose::Reference,
        confirmation: Confirmation::Verification,
        blocklist: None,
        state: EnrollmentState::AwaitingReference,
        created_at: now(),
        updated_at: now(),
    }
}

pub(crate) fn verification(number: u8) -> Verification {
    Verification {
        id: VerificationId::from_bytes([number; 16]),
        tenant: TENANT,
        subject: SUBJECT,
        enrollment: Some(EnrollmentId::from_bytes([1; 16])),
        origin: Origin::Truora,
        demand: Demand { similarity: Similarity::new(0.65), liveness: true, ..Demand::NOTHING },
        pages: None,
        state: VerificationState::Capturing,
        attempt: Attempt { retry_of: None, remaining: 2, retry_ttl: Duration::from_millis(90_500) },
        created_at: now(),
        deadline: Deadline(later(60_000)),
        submitted_at: None,
        ended_at: None,
    }
}

pub(crate) fn artifact(number: u8, about: About) -> Artifact {
    Artifact {
        id: ArtifactId::from_bytes([number; 16]),
        tenant: TENANT,
        subject: SUBJECT,
        about,
        role: if number == 1 { Role::Reference } else { Role::Selfie },
        format: "image/jpeg".to_owned(),
        bytes: PHOTO.len() as u64,
        digest: Digest::from_bytes([number; 32]),
        created_at: now(),
        delete_after: Some(later(1_000 * u64::from(number))),
    }
}

pub(crate) fn event(number: u8, about: About) -> Event {
    Event {
        id: EventId::from_bytes([number; 16]),
        tenant: TENANT,
        subject: SUBJECT,
        origin: Origin::Truora,
        kind: EventKind::EnrollmentCreated,
        about,
        at: now(),
    }
}

pub(crate) fn judgement() -> Judgement {
    let quality = QualitySignal {
        sharpness: 90,
        exposure: 80,
        size: 70,
        pose: 60,
        eyes: None,
        occlusion: 100,
        single_face: 100,
        luminance: 128,
    };
    Judgement {
        policy: "2026-11".to_owned(),
        decision: Some(Decision::Challenge),
        checks: vec![
            Check { name: CheckName::SelfieUsable, outcome: Outcome::Passed, reasons: vec![] },
            Check {
                name: CheckName::Liveness,
                outcome: Outcome::Borderline,
                reasons: vec![Reason::LivenessUncertain, Reason::LivenessBlind(Blind::NoColour)],
            },
        ],
        evidence: Evidence {
            reference: PhotoEvidence { faces: 1, quality: Some(quality) },
            selfie: PhotoEvidence { faces: 2, quality: None },
            comparison: Some(ComparisonSignal {
                similarity: Similarity::clamped(0.7),
                cosine: 0.345_678,
                fmr_at_threshold: Some(Fmr(1e-4)),
            }),
            liveness: Some(LivenessSignal::Scored { score: 0.625 }),
            clip: None,
            search: None,
            speech: None,
        },
        templates: TemplateIds {
            model: "sface".to_owned(),
            preprocessing: "five-points".to_owned(),
            calibration: "2026-10".to_owned(),
        },
        models: BTreeMap::from([("yunet".to_owned(), "ab".repeat(32))]),
        at: later(5),
    }
}
